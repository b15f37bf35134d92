# Gives each Ruby test a fake of Nairi's Conversations API of its own, in minitest and RSpec:
#
#   class BillingTest < Minitest::Test
#     include NairiMock::Minitest
#
#     def test_refunds
#       client = Billing::Client.new(url: nairi.base_url, key: nairi.api_key)   # yours
#       …                          # at the test's end, what the client did wrong fails the test
#
#   RSpec.configure { |config| config.include NairiMock::RSpec }                # the same `nairi`
#
# The first `nairi` of a process starts the program nairi-mock on a free port of 127.0.0.1. All
# tests of the process share it, parallel ones too, and never meet: each has a key of its own, and
# every key has its own copy of the world. The program ends when the process ends, however that
# happens.
#
# It is looked for where the variable NAIRI_MOCK says, else in PATH. Only the standard library is
# used.
require "digest"
require "json"
require "net/http"
require "openssl"
require "tempfile"

module NairiMock
  # What nairi-mock, or the API that it plays, refused; and a program that can't be found or
  # started.
  class Error < StandardError; end

  # The client under test broke a MUST of docs/rules.md.
  class BrokenRule < StandardError; end

  # A fake for the test of this name. Whoever calls it by hand calls `finish` at the test's end.
  #
  #   world:      world files (docs/worlds.md), or "builtin:NAME", instead of the built-in world
  #   world_text: the text of a world file, or a Hash, for this test alone; it can't have attachments
  #   clock:      what makes a turn go on: "poll" (the default: reads), "virtual" (advance), "wall"
  #   tls:        true serves HTTPS; `ca_file` is to be trusted
  #   args:       further options of nairi-mock, such as ["--mutate", "additive"]
  #   key:        instead of one that is made from the name
  #   judge:      what a broken MUST does: :fail (the default), :warn or :off
  def self.start(name, world: [], world_text: nil, clock: nil, tls: false, args: [], key: nil,
                 judge: :fail)
    unless %i[fail warn off].include?(judge)
      raise ArgumentError, "judge: expected :fail, :warn or :off, got #{judge.inspect}"
    end

    if world.is_a?(Hash)
      raise ArgumentError, "world: expected paths or builtin:NAME, got a Hash, which goes into world_text"
    end

    options = Array(world).flat_map { |file| ["--world", file.to_s] }
    options += ["--clock", clock.to_s] if clock
    options << "--tls" if tls
    fake = Fake.new(Server.of(options + args), key || Keys.take(name), judge)
    begin
      fake.world_text = world_text if world_text
    rescue Error
      fake.give_back
      raise
    end
    fake
  end

  # What one test has: an address, and a key that no other test uses. Its methods may be called from
  # any thread, and raise Error when nairi-mock can't be reached or refuses what it is told.
  class Fake
    attr_reader :api_key, :judge

    def initialize(server, api_key, judge)
      @server, @api_key, @judge = server, api_key, judge
    end

    # With the API's prefix: http://127.0.0.1:40123/api/public/v1
    def base_url = @server.line.fetch(:base_url)

    # The control API (docs/control.md), for what has no method here.
    def control_url = @server.line.fetch(:control_url)

    # With tls alone: the certificate to trust.
    def ca_file = @server.line[:ca_file]

    # What the world holds, by name: states[:slack_job]
    def states = @server.line.fetch(:states)

    # Holds a conversation of one turn by a small client of this library, and answers what the agent
    # said; an Error says why a turn failed. It shows that the fake is there, and makes a
    # conversation that your client can then read.
    def ask(agent, prompt)
      prompted = { agent_id: agent, prompt: prompt }
      turn = call("POST", "#{base_url}/conversations/start", prompted.to_json)
      polls = 0
      until %w[completed failed].include?(status = message_status(turn))
        polls += 1
        next unless pause == "poll" && polls > 1000

        raise Error, "the turn is still #{status} after 1000 polls: does it ever end?"
      end
      messages = call("GET", "#{base_url}/conversations/#{turn[:job_id]}/messages")[:messages]
      said = messages.to_h { |one| [one[:role], one[:content]] } # of each role the last
      raise Error, "the turn failed: #{said["system"]}" if status == "failed"

      said["assistant"]
    end

    # Moves the virtual clock of this test (clock: "virtual").
    def advance(seconds) = control("POST", "/clock", { advance_ms: (seconds * 1000).round }.to_json)

    # Lets things go wrong from now on (docs/worlds.md#faults), such as
    # {at: "poll#2", do: {status: 503, retry_after_s: 1}}; one fault, a list, or their JSON.
    def faults(faults) = control("POST", "/faults", faults.is_a?(String) ? faults : faults.to_json)

    # The replies that faults hold now ({hold: "list"}): hashes as docs/control.md has them.
    def held = control("GET", "/held")[:held]

    # Lets go of the replies that are held by that name; how many. That none is, is an Error.
    def release(name) = control("POST", "/release", { name: name }.to_json)[:released]

    # Makes a conversation, of any origin: an entry of a world file's "jobs". Answers its id.
    def add_job(job) = control("POST", "/jobs", job.is_a?(String) ? job : job.to_json)[:job_id]

    # Plays this world, from now on and for this test alone: the text of a world file, or a Hash.
    def world_text=(world)
      control("PUT", "/world", world.is_a?(String) ? world : world.to_json)
    end

    # Makes the API refuse this test's key from now on.
    def revoke = control("POST", "/revoke")

    # Forgets all that happened to this test's key, faults and journal included.
    def reset = control("POST", "/reset")

    # What this test's client sent, oldest first: hashes as docs/control.md has them.
    def journal = control("GET", "/journal")[:entries]

    # How this test's client has kept the rules so far: hashes as docs/control.md has them.
    def verdicts = control("GET", "/verdicts")[:verdicts]

    # Each MUST that was broken, with its evidence; nil if none was.
    def complaint
      broken = verdicts.select { |one| one[:level] == "MUST" && one[:outcome] == "broken" }
      broken.map { |verdict| verdict_text(verdict) }.join("\n") unless broken.empty?
    end

    # What the fake saw, a line a request.
    def seen
      lines = journal.map do |one|
        remarks = one.values_at(:fault, :hint, :refused).compact.reject(&:empty?)
        remarks = remarks.map { |text| " (#{text})" }.join
        "  ##{one[:number]} #{one[:method]} #{one[:target]} → #{one[:status]}#{remarks}"
      end
      "what the fake saw of #{api_key}:\n#{lines.empty? ? "  no request" : lines.join("\n")}"
    end

    # Ends the test: answers what the client did wrong if that is to fail it, and warns if not.
    # Prints what the fake saw of a test that failed. Nothing of this key is left.
    def finish(failed: false)
      broken = complaint
      broken &&= "the client broke a rule; a test that does so on purpose says judge: :off\n" + broken
      warn(broken) if broken && judge == :warn
      broken = nil unless judge == :fail
      warn(seen) if failed || broken
      control("DELETE", "/world") # resets, and forgets a world_text
      broken
    ensure
      give_back
    end

    # Lets another test have this key.
    def give_back = Keys.give_back(api_key)

    private

    def message_status(turn) = call("GET", "#{base_url}/messages/#{turn[:message_id]}")[:status]

    # Lets a turn go on, whatever the clock, which it answers.
    def pause
      clock = control("GET", "/health")[:clock]
      advance(1) if clock == "virtual"
      sleep(0.01) if clock == "wall"
      clock
    end

    def verdict_text(verdict)
      proofs = verdict[:evidence].map { |proof| "\n    ##{proof[:number]} #{proof[:exchange]}" }
      "  MUST #{verdict[:rule]}: #{verdict[:sentence]} (#{verdict[:page]})#{proofs.join}"
    end

    def control(method, path, body = nil) = call(method, control_url + path, body)

    def call(method, url, body = nil)
      reply = @server.request(method, URI(url), api_key, body)
      return JSON.parse(reply.body, symbolize_names: true) if reply.is_a?(Net::HTTPSuccess)

      hint = reply["X-Mock-Hint"]
      raise Error, "#{method} #{url}: #{reply.code} #{error_of(reply)}#{" (#{hint})" if hint}"
    rescue SystemCallError, IOError, OpenSSL::SSL::SSLError, Timeout::Error => e
      raise Error, "#{method} #{url}: #{e.message}"
    end

    def error_of(reply)
      JSON.parse(reply.body).fetch("error")
    rescue JSON::ParserError, KeyError, TypeError
      reply.body
    end
  end

  # The keys that running tests have. One that has ended gives its key back, so that a test has the
  # same key, and so the same ids and times, whenever it runs.
  module Keys
    @taken = {}
    @lock = Mutex.new

    def self.take(name)
      @lock.synchronize do
        key = plain = of(name)
        number = 1
        key = "#{plain}-#{number += 1}" while @taken[key]
        @taken[key] = true
        key
      end
    end

    def self.give_back(key) = @lock.synchronize { @taken.delete(key) }

    # A name made fit for a header. Names that look the same then differ by their hash.
    def self.of(name)
      plain = name.gsub(/[^A-Za-z0-9_]+/, "_")[0, 80]
      plain == name ? "nr_#{name}" : "nr_#{plain}_#{Digest::SHA256.hexdigest(name)[0, 8]}"
    end
  end

  # A nairi-mock of this process.
  class Server
    attr_reader :line # its ready line

    @by_options = {}
    @lock = Mutex.new

    # Tests with the same options share a server. A process that was forked has its own.
    def self.of(options)
      @lock.synchronize { @by_options[[Process.pid, program, options]] ||= new(program, options) }
    end

    def self.program
      named = ENV.fetch("NAIRI_MOCK", "")
      unless named.empty?
        return named if File.file?(named) && File.executable?(named)

        raise Error, "NAIRI_MOCK names no program: #{named}"
      end
      folder = ENV.fetch("PATH", "").split(File::PATH_SEPARATOR).find do |one|
        File.file?("#{one}/nairi-mock") && File.executable?("#{one}/nairi-mock")
      end
      return "#{folder}/nairi-mock" if folder

      raise Error, "there is no program nairi-mock in the folders of PATH. Unpack the tar.gz of a " \
                   "release, or build it, and put its folder into PATH, or its path into the " \
                   "variable NAIRI_MOCK (docs/install.md)"
    end

    # Runs the program until it says where it listens. It looks ten times a second whether this
    # process still lives.
    def initialize(program, options)
      command = [program, "serve", "--port", "0", "--with-parent", "--log", "none", "--judge", "warn"]
      command += options
      complaint = Tempfile.new("nairi-mock")
      # Kept open: it is the program's standard output.
      @output, output = IO.pipe
      pid = Process.spawn(*command, in: File::NULL, out: output, err: complaint)
      output.close
      text = @output.gets
      raise Error, not_started(command, pid, complaint) unless text

      Process.detach(pid)
      @line = JSON.parse(text, symbolize_names: true)
    ensure
      complaint&.close!
    end

    def request(method, url, key, body)
      http = Net::HTTP.new(url.host, url.port)
      http.use_ssl = url.scheme == "https"
      http.ca_file = line[:ca_file]
      http.start do
        headers = { "Authorization" => "Bearer #{key}", "Content-Type" => "application/json",
                    "User-Agent" => "nairi_mock.rb" }
        headers.delete("Content-Type") unless body
        http.send_request(method, url.request_uri, body, headers)
      end
    end

    private

    def not_started(command, pid, complaint)
      _, status = Process.wait2(pid)
      "#{command.join(" ")} did not start (#{status}):\n#{File.read(complaint.path, encoding: "UTF-8")}"
    end
  end

  # `nairi` is a test's fake. A class that wants other options than the default (NairiMock.start)
  # defines the method nairi_options, in RSpec by let.
  module Test
    def nairi_options = {}

    private

    def start_nairi(name) = @nairi ||= NairiMock.start(name, **nairi_options)

    # Answers what is to fail the test.
    def finish_nairi(failed:)
      @nairi&.finish(failed: failed)
    ensure
      @nairi = nil
    end
  end

  # For classes of minitest: include it.
  module Minitest
    include Test

    def nairi = start_nairi("#{self.class.name}##{name}")

    def after_teardown
      broken = finish_nairi(failed: failures.any? && !skipped?)
      flunk(broken) if broken
    ensure
      super
    end
  end

  # For RSpec: RSpec.configure { |config| config.include NairiMock::RSpec }
  module RSpec
    include Test

    def self.included(group)
      group.after do |example|
        broken = finish_nairi(failed: !example.exception.nil?)
        raise BrokenRule, broken if broken
      end
    end

    def nairi
      example = ::RSpec.current_example
      raise Error, "nairi belongs to an example; elsewhere call NairiMock.start" unless example

      start_nairi(example.full_description)
    end
  end
end
