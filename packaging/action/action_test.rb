# Tests action.yml and the recipes of docs/ci.md:  ruby action_test.rb OUT
require "minitest/autorun"
require "socket"
require "tmpdir"
require_relative "runner"

OUT = File.expand_path(ARGV.shift || abort("usage: action_test.rb OUT"))
ROOT = File.expand_path("../..", __dir__)
VERSION = `#{ROOT}/packaging/version.sh`.chomp
NAME = "nairi-mock-#{VERSION}-linux-#{`dpkg --print-architecture`.chomp}.tar.gz"

# Serves a folder by HTTP, as the place of a release does.
class Release
  attr_reader :url, :asked

  def initialize(folder)
    @asked = []
    @server = TCPServer.new("127.0.0.1", 0)
    @url = "http://127.0.0.1:#{@server.addr[1]}"
    @thread = Thread.new { loop { answer(@server.accept, folder) } }
  end

  def stop
    @thread.kill
    @server.close
  end

  private

  def answer(socket, folder)
    path = socket.gets[/\AGET (\S+)/, 1]
    nil until socket.gets.chomp.empty?
    @asked << path
    file = "#{folder}/#{File.basename(path)}"
    body = File.file?(file) ? File.binread(file) : ""
    socket.write("HTTP/1.1 #{File.file?(file) ? "200 OK" : "404 Not Found"}\r\n" \
                 "Content-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n", body)
    socket.close
  end
end

# A workspace with what the recipes call ./your-tests.
class WorkspaceTest < Minitest::Test
  GOOD = 'curl -fsS -H "Authorization: Bearer $NAIRI_API_KEY" "$NAIRI_BASE_URL/agents" >>agents.json'.freeze
  # Asks again what was refused.
  BROKEN = 'curl -s -H "Authorization: Bearer $NAIRI_API_KEY" "$NAIRI_BASE_URL"/messages/' \
           "{cmsg_01KP1G66P2HNMRKDTWG8WTSPD9,cmsg_01KP1G66P2HNMRKDTWG8WTSPD9}".freeze
  # The fake is there from the outset, and these would deceive it.
  OUTSIDE = { "NAIRI_MOCK" => nil, "NAIRI_BASE_URL" => nil, "NAIRI_API_KEY" => nil }.freeze

  def setup
    @folder = Dir.mktmpdir
    @workspace = "#{@folder}/work"
    Dir.mkdir(@workspace)
    your_tests(GOOD)
    @release = Release.new(OUT)
    @outside = ENV.to_h.slice(*OUTSIDE.keys)
    OUTSIDE.each { |name, value| ENV[name] = value }
  end

  def teardown
    @release.stop
    ENV.update(@outside)
    FileUtils.rm_rf(@folder)
  end

  def your_tests(text)
    File.write("#{@workspace}/your-tests", "#!/bin/bash\nset -eu\n#{text}\n")
    File.chmod(0o755, "#{@workspace}/your-tests")
  end

  def page(name = "ci.md") = File.read("#{ROOT}/docs/#{name}")

  def recipe(name, from: "ci.md")
    shown = page(from)[/^<!-- file: #{Regexp.escape(name)} -->\n```\w+\n(.*?)^```$/m, 1]
    shown || flunk("docs/#{from} has no #{name}")
  end

  def agents_seen = File.read("#{@workspace}/agents.json").scan('"agent_id":"billing-agent"').size
end

class ActionTest < WorkspaceTest
  def setup
    super
    @runners = []
  end

  def teardown
    @runners.each(&:end_job)
    super
  end

  # Runs the steps, given as YAML, and answers whether all succeeded.
  def job(steps, defaults = {}, root: ROOT, tells_repository: true)
    @runners << Runner.new(root: root, workspace: @workspace, server: @release.url,
                           tells_repository: tells_repository, defaults: { "from" => OUT }.merge(defaults))
    runner.run_job(YAML.safe_load(steps))
  end

  def runner = @runners.last
  def log = runner.log

  def workflow(name) = YAML.safe_load(recipe(name))["jobs"]["test"]["steps"].to_yaml

  def assert_logs(*parts) = parts.each { |part| assert_includes log, part }

  def test_the_recipe_with_run_passes
    assert job(workflow("github-run.yml")), -> { log }
    assert_equal 1, agents_seen
    assert_logs "MUST    kept        auth-on-every-call"
  end

  def test_the_recipe_with_run_fails_by_a_broken_rule
    your_tests(BROKEN)
    refute job(workflow("github-run.yml"))
    assert_logs "MUST    broken      no-retry-on-4xx", "→ 404 (first #1)"
  end

  def test_the_recipe_with_run_fails_with_its_command
    your_tests("#{GOOD}\nexit 7")
    refute job(workflow("github-run.yml"))
  end

  def test_the_recipe_with_steps_passes_and_leaves_nothing
    assert job(workflow("github-steps.yml")), -> { log }
    assert_equal 2, agents_seen
    assert_logs "The fake answers at http://127.0.0.1:", "MUST    kept        auth-on-every-call"
    assert_equal 0, runner.end_job
  end

  def test_the_recipe_with_steps_fails_by_a_broken_rule
    your_tests(BROKEN)
    refute job(workflow("github-steps.yml"))
    assert_logs "MUST    broken      no-retry-on-4xx", "→ 404 (first #1)"
  end

  def test_verdicts_are_printed_after_a_step_that_failed
    your_tests("#{GOOD}\nexit 7")
    refute job(workflow("github-steps.yml"))
    assert_logs "MUST    kept        auth-on-every-call"
    assert_equal 0, runner.end_job
  end

  def test_a_fake_that_is_not_stopped_ends_with_the_job
    assert job("- uses: x/nairi-mock@v1\n- run: ./your-tests"), -> { log }
    assert_operator runner.end_job, :>, 0
  end

  def test_inputs_reach_the_fake
    File.write("#{@workspace}/my world.json", '{"agents": [{"agent_id": "ops", "name": "My Ops"}]}')
    assert job(<<~YAML), -> { log }
      - uses: x/nairi-mock@v1
        with: {world: "my world.json", clock: virtual, args: '--keys any --seed "7"'}
      - run: |
          ./your-tests
          grep -F '"name":"My Ops"' agents.json
          curl -fsS "$NAIRI_CONTROL_URL/health"
      - run: nairi-mock --version
    YAML
    assert_logs '"clock":"virtual","seed":"7"', "}#{VERSION}\n"
  end

  def test_outputs_say_where_the_fake_is
    job("- uses: x/nairi-mock@v1\n- run: echo base=$NAIRI_BASE_URL key=$NAIRI_API_KEY control=$NAIRI_CONTROL_URL.")
    told = runner.outputs
    assert_logs "base=#{told["base-url"]} key=#{told["api-key"]} control=#{told["control-url"]}."
    assert_match %r{\Ahttp://127\.0\.0\.1:\d+/api/public/v1\z}, told["base-url"]
  end

  def test_proxies_are_kept_from_the_fake
    job("- uses: x/nairi-mock@v1\n- run: echo proxies $NO_PROXY $no_proxy.")
    assert_match(/^proxies (\S+,)?127\.0\.0\.1 (\S+,)?127\.0\.0\.1\.$/, log)
  end

  def test_https_is_trusted_by_the_steps_that_follow
    assert job("- uses: x/nairi-mock@v1\n  with: {args: --tls}\n- run: echo $NAIRI_BASE_URL; ./your-tests"), -> { log }
    assert_logs "https://127.0.0.1:"
  end

  def test_a_bad_world_says_what_is_wrong_with_it
    File.write("#{@workspace}/bad.json", '{"turs": []}')
    refute job("- uses: x/nairi-mock@v1\n  with: {world: bad.json}")
    assert_logs 'unknown key "turs"; did you mean "turns"?', "::error title=nairi-mock::the fake did not start"
  end

  def test_quotes_that_do_not_match_are_refused
    refute job("- uses: x/nairi-mock@v1\n  with: {args: \"--seed '7\"}")
    assert_logs %(the quotes of "args" don't match: --seed '7)
  end

  def test_there_is_one_fake_at_a_time
    refute job("- uses: x/nairi-mock@v1\n- uses: x/nairi-mock@v1")
    assert_logs "a fake serves this job already"
    again = "- uses: x/nairi-mock@v1\n- uses: x/nairi-mock@v1\n  with: {stop: true}\n"
    FileUtils.rm_rf("#{@folder}/runner")
    assert job(again + again), -> { log }
  end

  def test_what_was_not_started_cannot_be_stopped
    refute job("- uses: x/nairi-mock@v1\n  with: {stop: true}")
    assert_logs "there is no fake to stop"
  end

  def test_a_fake_that_has_died_is_told_of
    refute job(<<~YAML)
      - uses: x/nairi-mock@v1
      - run: kill -KILL "$(nairi-mock ready --ready-file "$RUNNER_TEMP/nairi-mock/ready.json" --print pid)"
      - run: flock "$RUNNER_TEMP/nairi-mock/lock" true
      - uses: x/nairi-mock@v1
        with: {stop: true}
    YAML
    assert_logs "the fake had ended before, with exit code 137"
  end

  def test_the_program_comes_from_the_release_by_http
    assert job("- uses: x/nairi-mock@v1\n  with: {run: ./your-tests}", { "from" => @release.url }), -> { log }
    assert_equal ["/#{NAME}", "/SHA256SUMS"], @release.asked
  end

  def test_without_from_it_is_the_release_of_the_action
    assert job("- uses: some-people/nairi-mock@v1\n  with: {run: ./your-tests}", { "from" => "" }), -> { log }
    assert_equal "/some-people/nairi-mock/releases/download/v#{VERSION}/#{NAME}", @release.asked[0]
  end

  def test_where_the_runner_does_not_tell_whose_action_it_is_its_path_does
    FileUtils.mkdir_p("#{@folder}/_actions/some-people/nairi-mock")
    FileUtils.ln_s(ROOT, "#{@folder}/_actions/some-people/nairi-mock/v1")
    step = "- uses: some-people/nairi-mock@v1\n  with: {run: ./your-tests}"
    told = { root: "#{@folder}/_actions/some-people/nairi-mock/v1", tells_repository: false }
    assert job(step, { "from" => "" }, **told), -> { log }
    assert_equal "/some-people/nairi-mock/releases/download/v#{VERSION}/#{NAME}", @release.asked[0]
    FileUtils.rm_rf("#{@folder}/runner")
    refute job(step, { "from" => "" }, tells_repository: false)
    assert_logs "the runner does not say whose action this is"
  end

  def test_a_version_that_is_not_there_is_named
    refute job("- uses: x/nairi-mock@v1\n  with: {version: 9.9.9}", { "from" => @release.url })
    assert_logs "can't get #{@release.url}/nairi-mock-9.9.9-linux-"
  end

  def test_a_program_that_was_changed_is_refused
    changed = "#{@folder}/changed"
    Dir.mkdir(changed)
    File.write("#{changed}/#{NAME}", "#{File.binread("#{OUT}/#{NAME}")}x")
    FileUtils.cp("#{OUT}/SHA256SUMS", changed)
    refute job("- uses: x/nairi-mock@v1", { "from" => changed })
    assert_logs "is not what its SHA256SUMS says"
  end

  def test_each_input_of_the_action_is_in_the_page
    action = YAML.safe_load(File.read("#{ROOT}/action.yml"))
    assert_equal action["inputs"].keys, page.scan(/^\| `(\w+)` \|/).flatten
    action["outputs"].each_key { |name| assert_includes page, "`#{name}`" }
  end
end

class RecipesTest < WorkspaceTest
  def bash(text, env = {})
    Open3.capture2e({ "RELEASE" => @release.url }.merge(env), "bash", "-c", text, chdir: @workspace)
  end

  def test_versions_of_the_page_are_the_current_one
    named = page.scan(/\bv?(\d+\.\d+\.\d+)\b/).flatten - %w[127.0.0]
    assert_equal [VERSION], named.uniq
  end

  def test_the_plain_recipe_passes_and_fails_by_a_broken_rule
    output, status = bash(recipe("plain.sh"))
    assert status.success?, output
    assert_equal 1, agents_seen
    FileUtils.rm_rf("#{@workspace}/nairi-mock")
    your_tests(BROKEN)
    output, status = bash(recipe("plain.sh"))
    assert_equal 1, status.exitstatus, output
    assert_includes output, "MUST    broken      no-retry-on-4xx"
  end

  def test_the_plain_recipe_refuses_what_was_changed
    changed = "#{@folder}/changed"
    Dir.mkdir(changed)
    File.write("#{changed}/#{NAME}", "#{File.binread("#{OUT}/#{NAME}")}x")
    FileUtils.cp("#{OUT}/SHA256SUMS", changed)
    other = Release.new(changed)
    output, status = bash(recipe("plain.sh"), "RELEASE" => other.url)
    assert_equal 1, status.exitstatus
    assert_includes output, "#{NAME}: FAILED"
    refute_path_exists "#{@workspace}/nairi-mock"
  ensure
    other&.stop
  end

  # As its runner does: before_script and script in one shell. /usr/local is the image's own.
  def test_the_gitlab_recipe_passes
    job = YAML.safe_load(recipe("gitlab.yml"))["test"]
    assert_match(/\Ahttps:/, job["variables"].delete("RELEASE"))
    local = "#{@folder}/local"
    Dir.mkdir(local)
    commands = ["set -eo pipefail", *job["before_script"], *job["script"]].join("\n").gsub("/usr/local", local)
    output, status = bash(commands, job["variables"].merge("PATH" => "#{local}/bin:#{ENV["PATH"]}"))
    assert status.success?, output
    assert_equal 1, agents_seen
  end

  def with_program
    Dir.mkdir("#{@folder}/program")
    system("tar", "-xf", "#{OUT}/#{NAME}", "-C", "#{@folder}/program", "--strip-components=1", exception: true)
    { "PATH" => "#{@folder}/program/bin:#{ENV["PATH"]}" }
  end

  # The first test of that page is run by packaging/first_test.py.
  def test_what_the_page_on_shell_tests_shows_passes_and_fails_in_another_world
    File.write("#{@workspace}/agents_test.sh", recipe("agents_test.sh", from: "in-shell-tests.md"))
    env = with_program
    output, status = bash("nairi-mock run --judge fail -- bash agents_test.sh", env)
    assert status.success?, output
    output, status = bash("nairi-mock run --world builtin:daemon -- bash agents_test.sh", env)
    assert_equal 1, status.exitstatus, output
  end

  def test_a_server_for_several_commands_passes_and_fails_by_a_broken_rule
    env = with_program
    output, status = bash(recipe("several.sh"), env)
    assert status.success?, output
    assert_equal 2, agents_seen
    your_tests(BROKEN)
    output, status = bash(recipe("several.sh"), env)
    assert_equal 1, status.exitstatus, output
  end
end
