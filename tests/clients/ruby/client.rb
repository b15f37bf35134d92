# A good client of the Conversations API, with net/http. Its job is in NAIRI_JOB.
require "erb"
require "json"
require "net/http"
require "time"
require "timeout"

JOB = { "poll_ms" => 2000, "deadline_ms" => 60_000 }
      .merge(JSON.parse(ENV.fetch("NAIRI_JOB").dup.force_encoding("UTF-8"))) # in any locale
BASE = URI(JOB["base_url"])
abort "the base_url is empty" unless BASE.host # Net::HTTP would ask this machine
HTTP = Net::HTTP.start(BASE.host, BASE.port, use_ssl: BASE.scheme == "https", max_retries: 0)

TurnFailed = Class.new(StandardError)
DeadlineReached = Class.new(Exception) # nothing on the way may take it for a lost connection

# What an error says: the text of the API, or the page of a proxy on the way.
def text_of(reply)
  JSON.parse(reply.body).fetch("error")
rescue StandardError
  reply.body.to_s.dup.force_encoding("UTF-8").scrub
end

# Retry-After is a number, or a date.
def seconds_asked(reply)
  asked = reply["Retry-After"].to_s
  return asked.to_i if asked.empty? || asked.match?(/\A\d+\z/)
  Time.httpdate(asked) - (reply["Date"] ? Time.httpdate(reply["Date"]) : Time.now)
rescue ArgumentError
  0
end

class Refused < StandardError
  attr_reader :status, :retry_after

  def initialize(reply)
    @status, @retry_after = reply.code.to_i, seconds_asked(reply)
    super(text_of(reply))
  end

  def may_pass? = [429, 502, 503, 504].include?(status)
end

# The reply's JSON. No redirect is followed: the key must not go elsewhere.
def call(method, path, &fill)
  request = Net::HTTP.const_get(method).new(BASE.path + path)
  request["Authorization"] = "Bearer #{JOB["api_key"]}"
  request["User-Agent"] = "example-ruby/1.0"
  fill&.call(request)
  reply = HTTP.request(request)
  reply.is_a?(Net::HTTPSuccess) ? JSON.parse(reply.body) : raise(Refused.new(reply))
end

# Is tried again when the reply is lost, cut or no JSON, or says so.
def get(path, pauses = [0.1, 0.2, 0.4, 0.8])
  call(:Get, path)
rescue StandardError => e
  raise if pauses.empty? || (e.is_a?(Refused) && !e.may_pass?)
  sleep [pauses.shift, e.is_a?(Refused) ? e.retry_after : 0].max
  retry
end

# Is never sent again: it may have been carried out.
def post(path, json)
  call(:Post, path) do |request|
    request.content_type = "application/json"
    request.body = json.to_json
  end
end

def upload(path)
  File.open(path, "rb") do |file|
    call(:Post, "/attachments") { _1.set_form([["file", file]], "multipart/form-data") }["attachment_id"]
  end
end

def encode(part) = ERB::Util.url_encode(part)

def timeline(job_id) = get("/conversations/#{encode(job_id)}/messages")["messages"]

# Waits for the turn's end; queued, and what is unknown, goes on.
def answer(turn)
  until %w[completed failed].include?(status = get("/messages/#{encode(turn["message_id"])}")["status"])
    sleep JOB["poll_ms"] / 1000.0
  end
  messages = timeline(turn["job_id"]).reverse # newest first
  raise TurnFailed, messages.find { _1["role"] == "system" }&.fetch("content") if status == "failed"
  since = messages.take_while { _1["id"] != turn["message_id"] }
  since.find { _1["role"] == "assistant" }&.fetch("content").to_s
end

def converse
  job_id = JOB["job_id"]
  files = JOB.fetch("attachments", []).map { upload(_1) }
  replies = JOB["prompts"].map do |prompt|
    body = { prompt: prompt, attachment_ids: files }
    turn = if job_id
             post("/conversations/#{encode(job_id)}/continue", body)
           else
             post("/conversations/start", agent_id: JOB["agent_id"], ask_mode: JOB["ask_mode"] || false, **body)
           end
    job_id, files = turn["job_id"], []
    answer(turn)
  end
  { replies: replies }
end

def conversations(ids = [])
  query = "limit=100&offset=#{ids.size}&sort=created_at_asc"
  page = get("/agents/#{encode(JOB["agent_id"])}/conversations?#{query}")["conversations"]
  ids += page.map { _1["id"] }
  page.size < 100 ? { conversations: ids } : conversations(ids)
end

def download
  File.binwrite(JOB["path"], get("/attachments/#{encode(JOB["attachment_id"])}")["data"].unpack1("m"))
  {}
end

OPERATIONS = {
  "converse" => -> { converse },
  "continue" => -> { converse },
  "messages" => -> { { messages: timeline(JOB["job_id"]).reject { _1["role"] == "progress" } } },
  "conversations" => -> { conversations },
  "download" => -> { download },
  "agents" => -> { { agents: get("/agents").map { _1["agent_id"] } } }
}.freeze

exit 127 unless OPERATIONS.key?(JOB["op"]) # not supported

result = begin
  found = Timeout.timeout(JOB["deadline_ms"] / 1000.0, DeadlineReached) { OPERATIONS.fetch(JOB["op"]).call }
  { outcome: "completed", **found }
rescue DeadlineReached
  { outcome: "timeout" }
rescue TurnFailed => e
  { outcome: "failed", error: { message: e.message } }
rescue StandardError => e
  { outcome: "error", error: { status: (e.status if e.is_a?(Refused)), message: e.message }.compact }
end
puts({ id: JOB["id"], **result }.to_json)
