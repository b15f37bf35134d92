# Good clients in Ruby of other habits than ruby/client.rb, which must be judged as good.
#
#     styles.rb NAME [--stdio]    does the job in NAIRI_JOB in that style
#     styles.rb --list            the styles, a JSON object on each line
require "erb"
require "json"
require "net/http"
require "securerandom"
require "time"
require "timeout"

# One class, names as symbols, and a look at the clock before each request.
class Plain
  PAUSES = [0.1, 0.2, 0.4, 0.8].freeze
  Late = Class.new(StandardError)
  Failed = Class.new(StandardError)

  class Refused < StandardError
    attr_reader :status, :seconds

    def initialize(status, text, seconds)
      super(text)
      @status, @seconds = status, seconds
    end

    def may_pass? = [429, 502, 503, 504].include?(status)
  end

  def initialize(job)
    @job = { poll_ms: 2000, deadline_ms: 60_000, **job }
    @deadline = now + @job[:deadline_ms] / 1000.0
    @base = URI(@job[:base_url])
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def left = [@deadline - now, 0.001].max # for Timeout 0 is none

  def pause(seconds)
    raise Late if seconds > left
    sleep seconds
  end

  def encode(part) = ERB::Util.url_encode(part)

  # -- HTTP: status, headers and body of one exchange, on a connection that is kept
  def http
    @http ||= Net::HTTP.start(@base.host, @base.port, use_ssl: @base.scheme == "https", max_retries: 0)
  end

  def headers = { "Authorization" => "Bearer #{@job[:api_key]}", "User-Agent" => "plain-ruby/1.0" }

  def exchange(verb, path, body, type)
    request = Net::HTTP.const_get(verb).new(@base.path.chomp("/") + path, headers)
    request.content_type, request.body = type, body if body
    reply = Timeout.timeout(left, Late) { http.request(request) }
    [reply.code.to_i, reply, reply.body.to_s]
  rescue StandardError
    @http = nil
    raise
  end

  def call(verb, path, body = nil, type = "application/json")
    status, headers, body = exchange(verb, path, body, type)
    return parse(body) if status.between?(200, 299)
    raise Refused.new(status, text_of(body), asked(headers))
  end

  def parse(body) = JSON.parse(body, symbolize_names: true)

  def text_of(body)
    JSON.parse(body).fetch("error")
  rescue StandardError # the page of a proxy
    body.dup.force_encoding("UTF-8").scrub
  end

  def asked(headers)
    after = headers["Retry-After"].to_s
    return after.to_i unless after.match?(/[A-Z]/)
    Time.httpdate(after) - (headers["Date"] ? Time.httpdate(headers["Date"]) : Time.now)
  rescue ArgumentError
    0
  end

  def get(path)
    PAUSES.each do |seconds|
      return call(:Get, path)
    rescue Late
      raise
    rescue Refused => e
      raise unless e.may_pass?
      pause [seconds, e.seconds].max
    rescue StandardError
      pause seconds
    end
    call(:Get, path)
  end

  def post(path, body) = call(:Post, path, body.to_json)

  # -- The API
  def upload(path)
    mark, name = SecureRandom.hex, File.basename(path).gsub('"', "%22")
    head = "--#{mark}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"#{name}\"\r\n" \
           "Content-Type: application/octet-stream\r\n\r\n"
    body = head.b + File.binread(path) + "\r\n--#{mark}--\r\n".b
    call(:Post, "/attachments", body, "multipart/form-data; boundary=#{mark}")[:attachment_id]
  end

  def timeline(job_id) = get("/conversations/#{encode(job_id)}/messages")[:messages]

  def start(prompt, files)
    post("/conversations/start", agent_id: @job[:agent_id], prompt: prompt, attachment_ids: files,
                                 ask_mode: @job[:ask_mode] || false)
  end

  def continue(job_id, prompt, files)
    post("/conversations/#{encode(job_id)}/continue", prompt: prompt, attachment_ids: files)
  end

  def wait(turn)
    loop do
      case status = get("/messages/#{encode(turn[:message_id])}")[:status]
      when "completed", "failed" then return status
      else pause @job[:poll_ms] / 1000.0
      end
    end
  end

  def newest(role, messages) = messages.reverse.find { _1[:role] == role }&.fetch(:content).to_s

  def answer(turn)
    status, messages = wait(turn), timeline(turn[:job_id])
    raise Failed, newest("system", messages) if status == "failed"
    newest("assistant", messages.drop_while { _1[:id] != turn[:message_id] })
  end

  def converse
    job_id, replies = @job[:job_id], []
    files = @job.fetch(:attachments, []).map { upload(_1) }
    @job[:prompts].each do |prompt|
      turn = job_id ? continue(job_id, prompt, files) : start(prompt, files)
      job_id, files = turn[:job_id], []
      replies << answer(turn)
    end
    { replies: replies }
  end

  def conversations
    ids, page = [], nil
    until page && page.size < 50
      query = "limit=50&offset=#{ids.size}&sort=created_at_asc"
      page = get("/agents/#{encode(@job[:agent_id])}/conversations?#{query}")[:conversations]
      ids += page.map { _1[:id] }
    end
    { conversations: ids }
  end

  def messages = { messages: timeline(@job[:job_id]).reject { _1[:role] == "progress" } }

  def agents = { agents: get("/agents").map { _1[:agent_id] } }

  def result
    operation = { "continue" => "converse" }.fetch(@job[:op], @job[:op])
    return { outcome: "unsupported" } unless %w[converse messages conversations agents].include?(operation)
    { outcome: "completed", **public_send(operation) }
  rescue Late
    { outcome: "timeout" }
  rescue Failed => e
    { outcome: "failed", error: { message: e.message } }
  rescue Refused => e
    { outcome: "error", error: { status: e.status, message: e.message } }
  rescue StandardError => e
    { outcome: "error", error: { message: "#{e.class}: #{e.message}" } }
  end
end

# Sees the end of a turn in the timeline, which it polls lazily, and never polls a message.
class PollsTheTimeline < Plain
  def rounds(turn)
    Enumerator.new do |rounds|
      loop do
        rounds << timeline(turn[:job_id]).drop_while { _1[:id] != turn[:message_id] }
        pause @job[:poll_ms] / 1000.0
      end
    end
  end

  def answer(turn)
    rest = rounds(turn).lazy.find { |messages| %w[completed failed].include?(messages.dig(0, :status)) }
    return newest("assistant", rest) if rest[0][:status] == "completed"
    raise Failed, newest("system", rest)
  end
end

# Looks for a prompt whose reply was lost, and sends it again only when it is not there.
class LooksFirst < Plain
  def start(prompt, files)
    before = listed
    begin
      super
    rescue StandardError => e
      reconsider(e)
      job_id = (listed - before).first or return super
      { job_id: job_id, message_id: asked_in(job_id)[0][:id] }
    end
  end

  def continue(job_id, prompt, files)
    before = asked_in(job_id)
    begin
      super
    rescue StandardError => e
      reconsider(e)
      mine = asked_in(job_id).drop(before.size).find { _1[:content] == prompt } or return super
      { job_id: job_id, message_id: mine[:id] }
    end
  end

  def asked_in(job_id) = timeline(job_id).select { _1[:role] == "user" }

  # What was refused stays refused.
  def reconsider(broken)
    raise broken if broken.is_a?(Late) || (broken.is_a?(Refused) && broken.status < 500)
    pause [0.2, broken.is_a?(Refused) ? broken.seconds : 0].max
  end

  def listed
    get("/agents/#{encode(@job[:agent_id])}/conversations")[:conversations].map { _1[:id] }
  end
end

# Polls in a thread with growing pauses, names the agent by its id, and walks lists by cursor.
class ThreadsAndCursors < Plain
  def agent = @agent ||= get("/agents/#{encode(@job[:agent_id])}")[:id]

  def start(prompt, files)
    post("/conversations/start", { agent_id: agent, prompt: prompt, attachment_ids: files,
                                   ask_mode: @job[:ask_mode] }.compact)
  end

  def wait(turn)
    ends = Queue.new
    Thread.new do
      pauses = Enumerator.produce(@job[:poll_ms] / 1000.0) { |seconds| [seconds * 1.3, 4].min }
      until %w[completed failed].include?(status = get("/messages/#{encode(turn[:message_id])}")[:status])
        pause pauses.next * rand(1.0..1.2)
      end
      ends << status
    rescue StandardError => e
      ends << e
    end
    ends.pop.tap { |ended| raise ended if ended.is_a?(StandardError) }
  end

  def conversations
    path, ids = "/agents/#{encode(@job[:agent_id])}/conversations?limit=30", []
    page = get(path)
    ids += page[:conversations].map { _1[:id] }
    while page[:next_cursor]
      page = get("#{path}&#{URI.encode_www_form(cursor: page[:next_cursor])}")
      ids += page[:conversations].map { _1[:id] }
    end
    { conversations: ids }
  end
end

STYLES = {
  "ruby/one-class" => [Plain, "One class, names as symbols, and a look at the clock before each request."],
  "ruby/polls-the-timeline-alone" =>
    [PollsTheTimeline, "Sees the end of a turn in the timeline, and never polls a message."],
  "ruby/looks-before-it-posts-again" =>
    [LooksFirst, "Looks for a prompt whose reply was lost, and sends it again only when it is not there."],
  "ruby/threads-and-cursors" =>
    [ThreadsAndCursors, "Polls in a thread with growing pauses, names the agent by its id, walks by cursor."]
}.freeze

# The lines of stdin with --stdio, else the job in NAIRI_JOB.
def each_job(&work)
  return $stdin.set_encoding("UTF-8").each_line(&work) if ARGV.include?("--stdio")
  work.call(ENV.fetch("NAIRI_JOB").dup.force_encoding("UTF-8"))
end

if $PROGRAM_NAME == __FILE__
  $stdout.sync = true
  name = "ruby/#{ARGV[0].to_s.delete_prefix("ruby/")}"
  if ARGV == ["--list"]
    STYLES.each { |style, (_, why)| puts({ name: style, rules: [], why: why }.to_json) }
  elsif STYLES.key?(name)
    each_job do |line|
      job = JSON.parse(line, symbolize_names: true)
      puts({ id: job[:id], **STYLES[name][0].new(job).result }.to_json)
    end
  else
    abort File.foreach(__FILE__).take_while { _1.start_with?("#") }.join
  end
end
