# Clients in Ruby with one fault each, as people write them: some are the good client with a step done
# wrong, some the other build of styles.rb.
#
#     broken.rb NAME [--stdio]    does the job in NAIRI_JOB, with that fault
#     broken.rb --list            name, rules of which one has to catch it, and fault: a JSON object a line
require "cgi"
require "open-uri"
require_relative "../styles/styles"

GOOD = File.expand_path("../ruby/client.rb", __dir__)
FAULTS = {}

# The block is put before the methods of the good client, or in a subclass of another build.
def fault(name, rules, why, build = nil, &methods)
  wrong = build ? Class.new(build, &methods) : Module.new(&methods)
  FAULTS["ruby/#{name}"] = { rules: rules, why: why, wrong: wrong }
end

# -- Prompts ------------------------------------------------------------------------------------------
fault "retries-whatever-goes-wrong", %w[no-blind-retry-of-post no-retry-on-4xx],
      "Rescues everything and retries, POSTs and refusals included." do
  def call(method, path, &fill)
    tries ||= 0
    super
  rescue StandardError => e # the first thing that one learns of Ruby
    raise if (tries += 1) > 2 || path == "/attachments"
    sleep [0.3 * tries, e.is_a?(Refused) ? e.retry_after : 0].max
    retry
  end
end

fault "asks-again-in-the-same-job", %w[sends-a-prompt-once],
      "Continues with the same prompt when the turn can't be read." do
  def post(path, json)
    @prompt = json[:prompt]
    super
  end

  def answer(turn)
    super
  rescue IOError, SystemCallError, JSON::ParserError, Net::HTTPBadResponse # "the conversation is stuck"
    super(post("/conversations/#{encode(turn["job_id"])}/continue", { prompt: @prompt }))
  end
end

fault "asks-again-after-a-slow-poll", %w[sends-a-prompt-once],
      "Starts a new conversation with its prompt when a poll takes longer than a second and a half." do
  def post(path, json)
    @again = [path, json]
    super
  end

  def get(path)
    path.start_with?("/messages/") ? Timeout.timeout(1.5) { super } : super # a poll takes milliseconds
  end

  def answer(turn)
    super
  rescue Timeout::Error
    HTTP.finish # the late reply would come for the next request
    HTTP.start
    super(post(*@again))
  end
end

# -- Texts --------------------------------------------------------------------------------------------
fault "escapes-html", %w[keeps-texts-as-they-are],
      "Escapes the prompt as for a page, so that the agent reads &lt; and &amp;." do
  def post(path, json) # Rails made it a habit
    super(path, json.merge(prompt: CGI.escapeHTML(json[:prompt])))
  end
end

fault "truncates-long-prompts", %w[keeps-texts-as-they-are],
      "Cuts a prompt after 10,000 characters and says nothing." do
  def post(path, json) # "no one types that much"
    super(path, json.merge(prompt: json[:prompt][0, 10_000]))
  end
end

# -- Files --------------------------------------------------------------------------------------------
fault "cleans-up-file-names", %w[keeps-texts-as-they-are],
      "Replaces each character of a file's name that is no letter of ASCII, digit, dot or dash by _." do
  def upload(path) # as upload libraries do, which store files under these names
    File.open(path, "rb") do |file|
      form = [["file", file, { filename: File.basename(path).gsub(/[^A-Za-z0-9.-]/, "_") }]]
      call(:Post, "/attachments") { _1.set_form(form, "multipart/form-data") }["attachment_id"]
    end
  end
end

fault "leaves-out-empty-files", %w[keeps-texts-as-they-are result],
      "Does not upload an empty file." do
  def converse
    JOB["attachments"]&.select! { File.size?(_1) } # is nil for an empty file, too
    super
  end
end

fault "sends-its-files-with-the-last-prompt", %w[keeps-texts-as-they-are result],
      "Uploads first, and sends the ids with the last prompt in place of the first.", Plain do
  def converse
    files = @job.fetch(:attachments, []).map { upload(_1) }
    job_id, last = @job[:job_id], @job[:prompts].size - 1
    replies = @job[:prompts].each_with_index.map do |prompt, i|
      mine = i == last ? files : []
      turn = job_id ? continue(job_id, prompt, mine) : start(prompt, mine)
      job_id = turn[:job_id]
      answer(turn)
    end
    { replies: replies }
  end
end

# -- Whose answer -------------------------------------------------------------------------------------
fault "takes-the-first-answer", %w[reads-the-answer],
      "Takes the first assistant message of the conversation for the answer." do
  def answer(turn)
    super # waits, and tells a failure
    timeline(turn["job_id"]).find { _1["role"] == "assistant" }&.fetch("content").to_s
  end
end

fault "joins-all-answers", %w[reads-the-answer result],
      "Joins all assistant messages of a turn.", Plain do
  def newest(role, messages) # "so that nothing gets lost"
    return super if role == "system"
    messages.select { _1[:role] == role }.map { _1[:content] }.join("\n")
  end
end

fault "takes-the-newest-message", %w[result-matches-terminal reads-the-answer],
      "Takes the newest message that is neither the user's nor progress, also a notice of the system." do
  def answer(turn)
    super
    messages = timeline(turn["job_id"])
    since = messages.drop_while { _1["id"] != turn["message_id"] }
    since.reject { %w[user progress].include?(_1["role"]) }.last&.fetch("content").to_s
  end
end

# -- Time ---------------------------------------------------------------------------------------------
fault "has-a-deadline-for-its-first-prompt-only", %w[deadline-kept],
      "Has no deadline from the second prompt on.", Plain do
  def continue(*)
    @deadline += 1_000_000 if @waited # the wait for the first prompt was a method of its own
    super
  end

  def wait(turn)
    super.tap { @waited = true }
  end
end

fault "gives-up-after-ten-polls", %w[polls-until-terminal result],
      "Polls ten times, whatever its deadline is, and says that it timed out.", Plain do
  def wait(turn)
    10.times do
      status = get("/messages/#{encode(turn[:message_id])}")[:status]
      return status if %w[completed failed].include?(status)
      pause @job[:poll_ms] / 1000.0
    end
    raise Plain::Late # ten are plenty at two seconds each, in its tests
  end
end

fault "trusts-read-timeout", %w[deadline-kept],
      "Has read_timeout alone, which counts from the last byte, and Net::HTTP asks once more by itself.", Plain do
  def http # max_retries is 1 unless one says otherwise
    @http ||= Net::HTTP.start(@base.host, @base.port, use_ssl: @base.scheme == "https")
  end

  def exchange(verb, path, body, type)
    request = Net::HTTP.const_get(verb).new(@base.path.chomp("/") + path, headers)
    request.content_type, request.body = type, body if body
    http.read_timeout = left
    reply = http.request(request)
    [reply.code.to_i, reply, reply.body.to_s]
  rescue Net::ReadTimeout
    raise Plain::Late
  rescue StandardError
    @http = nil
    raise
  end
end

fault "overlooks-dates-in-retry-after", %w[retry-after],
      "Makes a number of Retry-After with to_i, which is 0 for a date.", Plain do
  def asked(headers) = headers["Retry-After"].to_i
end

# -- Statuses and lists -------------------------------------------------------------------------------
fault "takes-unknown-statuses-for-failures", %w[unknown-status-is-not-terminal],
      "Has a case for each status that it knows, and fails in its else.", Plain do
  def wait(turn)
    loop do
      case status = get("/messages/#{encode(turn[:message_id])}")[:status]
      when "queued", "pending" then pause @job[:poll_ms] / 1000.0
      when "completed", "failed" then return status
      else raise Plain::Failed, "unexpected status #{status}"
      end
    end
  end
end

fault "counts-pages-as-offsets", %w[result reads-all-pages],
      "Sends the number of a page as the offset, and so lists most conversations many times." do
  def conversations
    ids = []
    (0..).each do |page| # other APIs have pages
      query = "limit=100&offset=#{page}&sort=created_at_asc"
      found = get("/agents/#{encode(JOB["agent_id"])}/conversations?#{query}")["conversations"]
      return { conversations: ids } if found.empty?
      ids += found.map { _1["id"] }
    end
  end
end

# -- Errors and transport -----------------------------------------------------------------------------
fault "takes-rubbish-for-nothing", %w[malformed-or-truncated-is-an-error],
      "Says `rescue {}` behind JSON.parse, so that rubbish becomes an empty answer.", Plain do
  def parse(body)
    super
  rescue JSON::ParserError
    {}
  end

  def timeline(job_id) = super || []
end

fault "parses-before-it-looks-at-the-status", %w[surfaces-api-errors],
      "Parses the body of an error as JSON, and loses the status when a proxy sent a page.", Plain do
  def text_of(body) = JSON.parse(body)["error"]
end

fault "puts-the-key-into-the-query", %w[auth-on-every-call known-parameters],
      "Reads with open-uri, and sends the key in the query.", Plain do
  def exchange(verb, path, body, type)
    return super unless verb == :Get
    url = "#{@base.to_s.chomp("/")}#{path}#{path.include?("?") ? "&" : "?"}api_key=#{@job[:api_key]}"
    Timeout.timeout(left, Plain::Late) do
      URI.parse(url).open(headers.merge(redirect: false)) { |reply| [200, reply.meta, reply.read] }
    end
  rescue OpenURI::HTTPError => e
    fields = e.io.meta.transform_keys { |name| name.split("-").map(&:capitalize).join("-") }
    [e.io.status[0].to_i, fields, e.io.read]
  end
end

fault "encodes-the-slug-in-bodies", %w[encodes-path result],
      "Percent-encodes the agent's slug in the body, too, where it must stand as it is." do
  def post(path, json)
    super(path, json.key?(:agent_id) ? json.merge(agent_id: encode(json[:agent_id])) : json)
  end
end

# -- Process ------------------------------------------------------------------------------------------
fault "exits-with-1-when-a-turn-failed", %w[result-matches-terminal result],
      "Ends with exit code 1 when the agent's turn failed, as if the program had." do
  def puts(line)
    super
    exit 1 if JSON.parse(line)["outcome"] == "failed"
  end
end

# Does one job in a process of its own: the good client is a script.
def work(wrong, line)
  $stdout.sync = true
  if wrong.is_a?(Class)
    job = JSON.parse(line, symbolize_names: true)
    puts({ id: job[:id], **wrong.new(job).result }.to_json)
  else
    ENV["NAIRI_JOB"] = line
    extend wrong
    load GOOD
  end
end

if $PROGRAM_NAME == __FILE__
  name = "ruby/#{ARGV[0].to_s.delete_prefix("ruby/")}"
  if ARGV == ["--list"]
    FAULTS.each { |fault, about| puts({ name: fault, **about.slice(:rules, :why) }.to_json) }
  elsif FAULTS.key?(name)
    each_job do |line|
      Process.wait(fork { work(FAULTS[name][:wrong], line) })
      exit $?.exitstatus || 1 unless $?.success?
    end
  else
    abort File.foreach(__FILE__).take_while { _1.start_with?("#") }.join
  end
end
