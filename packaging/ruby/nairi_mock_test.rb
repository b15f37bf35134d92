# Tests nairi_mock.rb:  ruby -I FOLDER nairi_mock_test.rb
require "minitest/autorun"
require "nairi_mock"
require "open3"
require "tmpdir"

REFUNDED = 'Refunded cus_123 as asked: "Refund cus_123"'
MESSAGE = "/messages/cmsg_01KP1G66P2HNMRKDTWG8WTSPD9" # of no world
OWN_WORLD = '{"agents": [{"agent_id": "ops", "name": "Ops"}],
              "turns": [{"timeline": [{"status": "completed", "reply": "Done: {{prompt}}"}]}]}'

# What a client of somebody's does.
module Calls
  def send_to(fake, verb, path, body = nil)
    url = URI(fake.base_url + path)
    request = Net::HTTP.const_get(verb).new(url, "Authorization" => "Bearer #{fake.api_key}")
    request.body = body
    request["Content-Type"] = "application/json" if body
    Net::HTTP.start(url.host, url.port, nil) { |http| http.request(request) }
  end

  def status(fake, path) = send_to(fake, "Get", path).code
end

class AskTest < Minitest::Test
  include NairiMock::Minitest

  def test_answers_what_the_agent_says
    assert_equal REFUNDED, nairi.ask("billing-agent", "Refund cus_123")
  end

  def test_tells_why_a_turn_failed
    error = assert_raises(NairiMock::Error) { nairi.ask("my-agent", "Please fail") }
    assert_match(/\Athe turn failed: .*card declined/, error.message)
  end

  def test_tells_what_the_api_refused
    error = assert_raises(NairiMock::Error) { nairi.ask("biling-agent", "Hello") }
    assert_match(/404 agent not found \(.*did you mean "billing-agent"\?/, error.message)
  end

  def test_ask_gives_up_on_a_turn_that_never_ends
    error = assert_raises(NairiMock::Error) { nairi.ask("sleepy-agent", "Hello") }
    assert_includes error.message, "the turn is still queued after 1000 polls"
  end
end

class VirtualClockTest < Minitest::Test
  include NairiMock::Minitest
  include Calls

  def nairi_options = { clock: "virtual", judge: :off }

  def test_ask_moves_the_clock
    assert_equal REFUNDED, nairi.ask("billing-agent", "Refund cus_123")
  end

  def test_turns_go_on_when_it_is_advanced
    started = send_to(nairi, "Post", "/conversations/start", '{"agent_id": "billing-agent", "prompt": "Refund"}')
    path = "/messages/#{JSON.parse(started.body)["message_id"]}"
    assert_includes send_to(nairi, "Get", path).body, '"status":"queued"'
    nairi.advance(60)
    assert_includes send_to(nairi, "Get", path).body, '"status":"completed"'
  end
end

class ControlTest < Minitest::Test
  include NairiMock::Minitest
  include Calls

  def test_faults_strike_until_a_reset
    nairi.faults(at: "agents", do: { status: 503 })
    assert_equal "503", status(nairi, "/agents")
    nairi.reset
    assert_equal "200", status(nairi, "/agents")
  end

  def test_a_held_reply_comes_when_it_is_released
    nairi.faults(at: "agents", do: { hold: "list", status: 503 })
    answer = Thread.new { status(nairi, "/agents") }
    Thread.pass while nairi.held.empty?
    assert_equal "list", nairi.held[0][:name]
    assert_equal 1, nairi.release("list")
    assert_equal "503", answer.value
    assert_empty nairi.held
    assert_includes assert_raises(NairiMock::Error) { nairi.release("list") }.message, "no reply is held"
  end

  def test_a_revoked_key_is_refused
    nairi.revoke
    assert_equal "401", status(nairi, "/agents")
  end

  def test_a_made_job_can_be_read
    job = nairi.add_job(agent_id: "my-agent", origin: "slack")
    assert_equal "200", status(nairi, "/conversations/#{job}/messages")
  end

  def test_states_name_what_the_world_holds
    refused = send_to(nairi, "Post", "/conversations/#{nairi.states[:slack_job]}/continue", '{"prompt": "Hello"}')
    assert_includes refused.body, "job is not an API job"
  end

  def test_the_journal_holds_what_the_client_sent
    status(nairi, "/agents?limit=1")
    seen = nairi.journal
    assert_equal [["agents", "/api/public/v1/agents?limit=1", 200]],
                 seen.map { |one| one.values_at(:operation, :target, :status) }
    assert_includes seen[0][:headers], { name: "Authorization", value: "[redacted]" }
  end

  def test_what_is_refused_is_explained
    error = assert_raises(NairiMock::Error) { nairi.faults(at: "pol#3", do: { status: 503 }) }
    assert_includes error.message, 'no operation "pol"; did you mean "poll"?'
  end
end

class WorldsTest < Minitest::Test
  def started(**options)
    fake = NairiMock.start(name, **options)
    yield fake
  ensure
    fake&.finish
  end

  def test_a_text_is_the_world_of_one_test_alone
    started(world_text: OWN_WORLD) { |fake| assert_equal "Done: restart", fake.ask("ops", "restart") }
    started { |fake| assert_raises(NairiMock::Error) { fake.ask("ops", "restart") } }
  end

  def test_a_hash_is_a_world_too
    started(world_text: JSON.parse(OWN_WORLD)) { |fake| assert_equal "Done: restart", fake.ask("ops", "restart") }
    error = assert_raises(ArgumentError) { NairiMock.start(name, world: { agents: [] }) }
    assert_includes error.message, "got a Hash, which goes into world_text"
  end

  def test_files_are_joined
    Dir.mktmpdir do |folder|
      File.write("#{folder}/ops.json", OWN_WORLD)
      started(world: ["#{folder}/ops.json", "builtin:daemon"]) do |fake|
        assert_equal "Done: restart", fake.ask("ops", "restart")
      end
    end
  end

  def test_a_bad_world_says_what_is_wrong_with_it
    text = assert_raises(NairiMock::Error) { NairiMock.start(name, world_text: '{"turs": []}') }
    assert_includes text.message, 'unknown key "turs"; did you mean "turns"?'
    started { |fake| assert_equal NairiMock::Keys.of(name), fake.api_key }
    file = assert_raises(NairiMock::Error) { NairiMock.start(name, world: "nowhere.json") }
    assert_match(/did not start.*exit 2.*nowhere\.json/m, file.message)
  end

  def test_tls_is_trusted
    started(tls: true) do |fake|
      assert fake.base_url.start_with?("https://")
      assert_equal REFUNDED, fake.ask("billing-agent", "Refund cus_123")
    end
  end

  def test_the_wall_clock_is_waited_for
    started(clock: "wall", args: ["--speed", "1000"]) do |fake|
      assert_equal REFUNDED, fake.ask("billing-agent", "Refund cus_123")
    end
  end

  def test_a_word_that_is_no_judgement_is_refused
    error = assert_raises(ArgumentError) { NairiMock.start(name, judge: :fial) }
    assert_equal "judge: expected :fail, :warn or :off, got :fial", error.message
  end
end

class ServersTest < Minitest::Test
  def address_of(**options)
    fake = NairiMock.start(name, **options)
    [fake.base_url, fake.api_key].tap { fake.finish }
  end

  def test_tests_with_the_same_options_share_one
    assert_equal address_of, address_of
    refute_equal address_of[0], address_of(clock: "virtual")[0]
  end

  def test_a_process_that_was_forked_has_its_own
    ours = address_of[0]
    reader, writer = IO.pipe
    child = fork do
      writer.write(address_of[0])
      writer.close
      exit!(0)
    end
    writer.close
    theirs = reader.read
    Process.wait(child)
    assert theirs.start_with?("http://")
    refute_equal ours, theirs
  end

  # Both the child and its server hold the pipe's other end: that ends when both have.
  def test_it_ends_with_a_process_that_is_killed
    ends, held = IO.pipe
    said, says = IO.pipe
    child = Process.spawn(RbConfig.ruby, "-I", File.dirname($LOADED_FEATURES.grep(/nairi_mock\.rb$/)[0]),
                          "-r", "nairi_mock", "-e", "puts NairiMock.start('child').base_url; $stdout.flush; sleep",
                          out: says, 3 => held)
    [held, says].each(&:close)
    url = URI("#{said.gets.chomp}/agents")
    assert_equal "401", Net::HTTP.get_response(url).code
    Process.kill("KILL", child)
    Process.wait(child)
    ends.read
    assert_raises(Errno::ECONNREFUSED) { Net::HTTP.get_response(url) }
  end

  def test_a_program_that_is_not_there_is_explained
    before = ENV.to_h.slice("NAIRI_MOCK", "PATH")
    ENV["NAIRI_MOCK"] = "/nowhere/nairi-mock"
    named = assert_raises(NairiMock::Error) { NairiMock.start(name) }
    assert_equal "NAIRI_MOCK names no program: /nowhere/nairi-mock", named.message
    ENV.update("NAIRI_MOCK" => "", "PATH" => "/nowhere")
    absent = assert_raises(NairiMock::Error) { NairiMock.start(name) }
    assert_match(/no program nairi-mock in the folders of PATH.*tar\.gz.*NAIRI_MOCK/, absent.message)
  ensure
    ENV.delete("NAIRI_MOCK")
    ENV.update(before)
  end
end

class KeysTest < Minitest::Test
  def test_names_that_look_alike_have_keys_of_their_own
    assert_equal "nr_Refund", NairiMock::Keys.of("Refund")
    refute_equal NairiMock::Keys.of("a/b"), NairiMock::Keys.of("a_b")
    refute_equal NairiMock::Keys.of("#{"ä" * 200}1"), NairiMock::Keys.of("#{"ä" * 200}2")
    assert_operator NairiMock::Keys.of("x" * 500).size, :<, 100
  end

  def test_two_fakes_of_one_name_have_different_keys_until_one_ends
    one = NairiMock.start(name)
    other = NairiMock.start(name)
    refute_equal one.api_key, other.api_key
    one.finish
    again = NairiMock.start(name)
    assert_equal one.api_key, again.api_key
  ensure
    [other, again].each(&:finish)
  end
end

class ParallelTest < Minitest::Test
  parallelize_me!
  include NairiMock::Minitest

  8.times do |i|
    define_method("test_#{i}_sees_its_own_prompts_alone") do
      nairi.ask("my-agent", "Number #{i}")
      started = nairi.journal.select { |one| one[:operation] == "start" }
      assert_equal ["Number #{i}"], started.map { |one| JSON.parse(one[:body])["prompt"] }
    end
  end
end

# Suites of somebody's, each a program of its own: what they print is judged.
class SuitesTest < Minitest::Test
  # ask again what was refused: a MUST of the rules forbids it.
  INSIST = <<~RUBY.freeze
    def insist(fake)
      url = URI(fake.base_url + "#{MESSAGE}")
      Net::HTTP.start(url.host, url.port, nil) do |http|
        2.times { http.get(url.path, "Authorization" => "Bearer " + fake.api_key) }
      end
    end
  RUBY
  BROKEN = "MUST no-retry-on-4xx: a request was sent again after 400, 401 or 404"
  EVIDENCE = "#2 GET #{MESSAGE} → 404 (first #1)"

  def library = File.dirname($LOADED_FEATURES.grep(/nairi_mock\.rb$/)[0])

  def run_suite(program, text)
    Dir.mktmpdir do |folder|
      File.write("#{folder}/suite.rb", text)
      output, status = Open3.capture2e(*program, "-I", library, "#{folder}/suite.rb")
      return output.force_encoding("UTF-8"), status.exitstatus
    end
  end

  def run_minitest(body)
    run_suite([RbConfig.ruby], <<~RUBY)
      require "minitest/autorun"
      require "nairi_mock"
      #{INSIST}
      class SuiteTest < Minitest::Test
        include NairiMock::Minitest
        #{body}
      end
    RUBY
  end

  def run_rspec(body)
    run_suite(["rspec"], <<~RUBY)
      require "nairi_mock"
      RSpec.configure { |config| config.include NairiMock::RSpec }
      #{INSIST}
      RSpec.describe "Billing" do
        #{body}
      end
    RUBY
  end

  def assert_prints(output, *parts)
    parts.each { |part| assert_includes output, part }
  end

  def test_a_broken_rule_fails_a_minitest_with_the_evidence
    output, code = run_minitest("def test_insists = insist(nairi)")
    assert_equal 1, code
    assert_prints output, "1 failures", BROKEN, EVIDENCE, "judge: :off", "what the fake saw of nr_SuiteTest_test_insists"
  end

  def test_a_broken_rule_fails_an_example_of_rspec_with_the_evidence
    output, code = run_rspec('it("insists") { insist(nairi) }')
    assert_equal 1, code
    assert_prints output, "1 example, 1 failure", BROKEN, EVIDENCE, "what the fake saw of nr_Billing_insists"
  end

  def test_a_broken_rule_only_warns_on_request
    output, code = run_minitest("def nairi_options = { judge: :warn }\ndef test_insists = insist(nairi)")
    assert_equal 0, code
    assert_prints output, "0 failures", BROKEN, EVIDENCE
  end

  def test_a_broken_rule_is_ignored_on_request
    output, code = run_rspec("let(:nairi_options) { { judge: :off } }\nit(\"insists\") { insist(nairi) }")
    assert_equal 0, code
    refute_includes output, "no-retry-on-4xx"
  end

  def test_good_suites_pass_in_silence
    output, code = run_minitest('def test_asks = assert(nairi.ask("my-agent", "Hello"))')
    assert_equal 0, code
    refute_includes output, "the fake saw"
    output, code = run_rspec('it("asks") { expect(nairi.ask("my-agent", "Hello")).to include("Hello") }')
    assert_equal 0, code
    refute_includes output, "the fake saw"
  end

  def test_a_test_that_fails_shows_what_the_fake_saw
    output, code = run_rspec('it("is wrong") { expect(nairi.ask("my-agent", "Hello")).to eq("nothing") }')
    assert_equal 1, code
    assert_prints output, "what the fake saw of nr_Billing_is_wrong", "#1 POST /api/public/v1/conversations/start → 200"
  end

  def test_outside_of_an_example_another_way_is_named
    output, code = run_rspec("before(:all) { nairi }\nit(\"is never run\") {}")
    assert_equal 1, code
    assert_prints output, "nairi belongs to an example; elsewhere call NairiMock.start"
  end

  def test_examples_never_meet
    output, code = run_rspec(<<~RUBY)
      2.times do |i|
        it("asks \#{i}") do
          nairi.ask("my-agent", "Hello")
          expect(nairi.journal.count { |one| one[:operation] == "start" }).to eq(1)
        end
      end
    RUBY
    assert_equal 0, code, output
    assert_prints output, "2 examples, 0 failures"
  end
end
