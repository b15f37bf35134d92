#!/usr/bin/env python3
"""`nairi-mock run` at a terminal: Ctrl-C reaches the command once, Ctrl-Z stops both.

    terminal.py NAIRI_MOCK
"""
import os
import pty
import signal
import sys
import termios

# The command: sees what Ctrl-C sends, then does as it is told, line by line. It lets nairi-mock see
# Ctrl-C only when it has had its own, since two signals at a time are one; and SIGUSR1, which goes
# there and back, comes after a SIGINT that is passed on.
COMMAND = r"""
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGUSR1})
os.kill(os.getppid(), signal.SIGSTOP)
signal.sigwait({signal.SIGINT})
os.kill(os.getppid(), signal.SIGUSR1)
os.kill(os.getppid(), signal.SIGCONT)
came = signal.sigwait({signal.SIGINT, signal.SIGUSR1})
print("once" if came == signal.SIGUSR1 else "twice", flush=True)
for line in sys.stdin:
    if line == "stop yourself\n":
        os.kill(os.getpid(), signal.SIGTSTP)
        print("goes on", flush=True)
    elif line == "answer\n":
        print("answered", flush=True)
    elif line == "end\n":
        sys.exit(3)
"""


def shell(program):
    """What a shell with jobs does: gives the terminal to a job, and takes it back when it stops.

    SIGUSR1 is its "fg": a job that stops late could still read a line that is meant for the shell."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    modes = termios.tcgetattr(0)
    modes[3] |= termios.NOFLSH  # what is printed because of Ctrl-C and Ctrl-Z must not be lost by them
    termios.tcsetattr(0, termios.TCSANOW, modes)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        os.execv(program, [program, "run", "--", sys.executable, "-c", COMMAND])
    is_held = False
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        if not is_held:  # by the command, for a moment
            is_held = True
            print("held", flush=True)
            continue
        os.tcsetpgrp(0, os.getpid())
        print("stopped", flush=True)
        signal.sigwait({signal.SIGUSR1})
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
    os.tcsetpgrp(0, os.getpid())
    print("ended", os.waitstatus_to_exitcode(status), flush=True)


class Terminal:
    def __init__(self, program):
        self.child, self.file = pty.fork()
        if self.child == 0:
            shell(program)
            os._exit(0)
        self.seen = b""

    def type(self, keys):
        os.write(self.file, keys.encode())

    def wait_for(self, text):
        while text.encode() not in self.seen:
            if b"twice\r" in self.seen:
                sys.exit("Ctrl-C reached the command twice")
            try:
                piece = os.read(self.file, 4096)
            except OSError:
                piece = b""
            if not piece:
                sys.exit(f"expected {text!r}, got {self.seen.decode()!r}")
            self.seen += piece
        self.seen = self.seen.partition(text.encode())[2]


def main():
    terminal = Terminal(sys.argv[1])
    terminal.wait_for("held")
    terminal.type("\x03")
    terminal.wait_for("once\r")
    terminal.type("\x1a")
    terminal.wait_for("stopped")
    os.kill(terminal.child, signal.SIGUSR1)
    terminal.type("answer\n")
    terminal.wait_for("answered")
    terminal.type("stop yourself\n")
    terminal.wait_for("stopped")
    os.kill(terminal.child, signal.SIGUSR1)
    terminal.wait_for("goes on")
    terminal.type("end\n")
    terminal.wait_for("ended 3\r")
    os.waitpid(terminal.child, 0)


main()
