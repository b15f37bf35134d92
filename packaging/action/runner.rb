# Runs a job of a workflow as a GitHub runner would, as far as docs/ci.md needs it: `run` and `uses`
# of this action alone, environment, path and outputs by files, `if: always()`. Other actions are
# passed over. What is misspelt is refused, where GitHub would only warn.
require "fileutils"
require "open3"
require "securerandom"
require "yaml"

class Runner
  ACTION = %r{\A[\w-]+/nairi-mock@v?[\w.]+\z}.freeze
  EXPRESSION = /\$\{\{ *([\w.-]+) *\}\}/.freeze
  SHELLS = { "bash" => %w[bash --noprofile --norc -eo pipefail], nil => %w[bash -e] }.freeze

  attr_reader :log, :outputs

  # root: the checkout of the action; workspace: that of the job; server: where GitHub is; defaults:
  # inputs that each use of the action is given; tells_repository: in composite actions, some
  # runners don't.
  def initialize(root:, workspace:, server:, tells_repository: true, defaults: {})
    @root, @workspace, @defaults = root, workspace, defaults
    @tells_repository = tells_repository
    @temp = File.join(workspace, "..", "runner")
    FileUtils.mkdir_p(@temp)
    @env = { "RUNNER_TEMP" => File.expand_path(@temp), "GITHUB_WORKSPACE" => workspace,
             "GITHUB_SERVER_URL" => server, "RUNNER_TRACKING_ID" => "github_#{SecureRandom.uuid}" }
    @path = []
    @outputs = {}
    @log = +""
  end

  # Answers whether all steps succeeded.
  def run_job(steps)
    good = true
    steps.each do |step|
      next unless good || step["if"].to_s == "always()"

      good &= step["uses"] ? use(step) : run_step(step, {})
    end
    good
  end

  # Ends what the job has left running, as a runner does, and answers how many processes that were.
  def end_job
    mark = "RUNNER_TRACKING_ID=#{@env["RUNNER_TRACKING_ID"]}"
    left = Dir.glob("/proc/[0-9]*/environ").select { |file| environment(file).include?(mark) }
    left.each { |file| kill(file[/\d+/].to_i) }
    left.size
  end

  private

  def environment(file)
    File.read(file).split("\0")
  rescue SystemCallError # it has ended, or is somebody else's
    []
  end

  def kill(pid)
    Process.kill("KILL", pid)
  rescue Errno::ESRCH
    nil
  end

  def use(step)
    return true unless step["uses"].match?(ACTION)

    action = YAML.safe_load(File.read("#{@root}/action.yml"))
    given = @defaults.merge(step["with"] || {}).transform_values(&:to_s)
    unknown = given.keys - action["inputs"].keys
    raise "#{step["uses"]}: no input #{unknown.join(", ")}" unless unknown.empty?

    inputs = action["inputs"].transform_values { |input| input["default"].to_s }.merge(given)
    raise "not a composite action" unless action["runs"]["using"] == "composite"

    context = inputs.transform_keys { |name| "inputs.#{name}" }
    context["github.action_repository"] = step["uses"][/\A[^@]+/] if @tells_repository
    good = action["runs"]["steps"].all? { |inner| run_inner(inner, context) }
    @outputs = action["outputs"].transform_values { |output| evaluated(output["value"], context) }
    good
  end

  def run_inner(step, context)
    raise "a step of a composite action needs its shell" unless step["shell"]

    run_step(step, context, "GITHUB_ACTION_PATH" => @root)
  end

  def run_step(step, context, more = {})
    files = %w[GITHUB_ENV GITHUB_PATH GITHUB_OUTPUT].to_h { |name| [name, "#{@temp}/#{name}"] }
    files.each_value { |file| File.write(file, "") }
    script = "#{@temp}/step.sh"
    File.write(script, evaluated(step["run"], context))
    own = (step["env"] || {}).transform_values { |text| evaluated(text.to_s, context) }
    env = @env.merge(more, files, own)
    env["PATH"] = [*@path.reverse, ENV["PATH"]].join(":")
    output, status = Open3.capture2e(env, *SHELLS.fetch(step["shell"]), script, chdir: @workspace)
    @log << output.force_encoding("UTF-8")
    take(files, step["id"], context)
    status.success?
  end

  def take(files, id, context)
    pairs(files["GITHUB_ENV"]).each { |name, value| @env[name] = value }
    @path.concat(File.readlines(files["GITHUB_PATH"], chomp: true))
    pairs(files["GITHUB_OUTPUT"]).each do |name, value|
      context["steps.#{id}.outputs.#{name}"] = value
    end
  end

  def pairs(file) = File.readlines(file, chomp: true).map { |line| line.split("=", 2) }

  # Unknown names are empty, as for a runner, but for inputs, which are known.
  def evaluated(text, context)
    text.gsub(EXPRESSION) do
      raise "there is no #{$1}" if $1.start_with?("inputs.") && !context.key?($1)

      context.fetch($1, "")
    end
  end
end
