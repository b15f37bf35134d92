"""Whether a shared library shows the functions of the C header, and nothing else:  exports.py LIBRARY HEADER"""
import re
import subprocess
import sys

library, header = sys.argv[1:]
with open(header) as text:
    declared = set(re.findall(r"^NAIRI_EXPORT [^;]*?\b(nairi_\w+)\(", text.read(), re.MULTILINE))
listed = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True)
shown = {line.split()[2] for line in listed.stdout.splitlines()}
print(f"{len(declared)} functions declared, {len(shown)} symbols shown")
for name in sorted(declared ^ shown):
    print(f"{name}: {'not shown' if name in declared else 'not in the header'}")
sys.exit(0 if declared and declared == shown else 1)
