# Drives a conversation with net/http over TLS; SSL_CERT_FILE names the CA when it is not a public
# one. Polls every 2 s unless NAIRI_POLL_MS says otherwise.
require "json"
require "net/http"
require "stringio"

abort "NAIRI_BASE_URL is empty: expected the URL of the API" if ENV.fetch("NAIRI_BASE_URL").empty?
API = URI(ENV.fetch("NAIRI_BASE_URL"))
POLL_S = ENV.fetch("NAIRI_POLL_MS", "2000").to_i / 1000.0
HTTP = Net::HTTP.start(API.host, API.port, use_ssl: true)

def expect(what, got, wanted)
  abort "#{what}: expected #{wanted.inspect}, got #{got.inspect}" unless got == wanted
end

def send_request(request)
  request["Authorization"] = "Bearer #{ENV.fetch("NAIRI_API_KEY")}"
  response = HTTP.request(request)
  [response.code.to_i, JSON.parse(response.body)]
end

def ok(request)
  status, body = send_request(request)
  abort "#{request.path}: #{status} #{body}" unless (200..299).cover?(status)
  body
end

def get(path) = ok(Net::HTTP::Get.new(API.path + path))

def post(path, body)
  Net::HTTP::Post.new(API.path + path, "Content-Type" => "application/json").tap { _1.body = body.to_json }
end

def wait_for(message_id)
  until (status = get("/messages/#{message_id}")["status"]) == "completed"
    abort "#{message_id} failed" if status == "failed"
    sleep POLL_S
  end
end

# Start, poll.
turn = ok(post("/conversations/start",
               agent_id: ENV.fetch("NAIRI_AGENT"), prompt: "Refund the failed charge"))
wait_for(turn["message_id"])

# Upload a file and continue the conversation with it.
name, data = 'Beleg "März" €.txt', "a\0b\xFF\r\n".b
upload = Net::HTTP::Post.new("#{API.path}/attachments")
upload.set_form([["file", StringIO.new(data), { filename: name }]], "multipart/form-data")
attachment = ok(upload)["attachment_id"]
turn = ok(post("/conversations/#{turn["job_id"]}/continue",
               prompt: "And mail the receipt", attachment_ids: [attachment]))
wait_for(turn["message_id"])

# List; most readers leave the progress messages out.
messages = get("/conversations/#{turn["job_id"]}/messages")["messages"]
progress, visible = messages.partition { _1["role"] == "progress" }
expect("progress messages", progress.any?, true)
expect("roles", visible.map { _1["role"] }, %w[user assistant user assistant])
expect("attachments", visible[2]["attachment_ids"], [attachment])
visible.each { puts "#{_1["role"]}: #{_1["content"]}" }

# The file comes back unchanged.
file = get("/attachments/#{attachment}")
expect("file name", file["filename"], name)
expect("bytes", file["data"].unpack1("m"), data)

# A job from Slack takes no prompts from here.
refusal = send_request(post("/conversations/#{ENV.fetch("NAIRI_SLACK_JOB")}/continue", prompt: "Hello"))
expect("refusal", refusal, [400, { "error" => "job is not an API job" }])
puts refusal.inspect
