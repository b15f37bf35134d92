// Drives a conversation with net/http; SSL_CERT_FILE names the CA when it is not a public one. Polls
// every 2 s unless NAIRI_POLL_MS says otherwise.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"time"
)

type object = map[string]any

type message struct {
	ID, Role, Status, Content string
	AttachmentIDs             []string `json:"attachment_ids"`
}

type turn struct {
	JobID     string `json:"job_id"`
	MessageID string `json:"message_id"`
}

// send answers the status and decodes the body into result.
func send(method, path, contentType string, body io.Reader, result any) int {
	request := must(http.NewRequest(method, os.Getenv("NAIRI_BASE_URL")+path, body))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("NAIRI_API_KEY"))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response := must(http.DefaultClient.Do(request))
	defer response.Body.Close()
	text := must(io.ReadAll(response.Body))
	expect(path+" answers JSON", json.Unmarshal(text, result) == nil, true)
	return response.StatusCode
}

func get(path string, result any) {
	expect(path, send("GET", path, "", nil, result), 200)
}

func post(path string, body object, result any) int {
	return send("POST", path, "application/json", bytes.NewReader(must(json.Marshal(body))), result)
}

func waitFor(messageID string) {
	pollMs, err := strconv.Atoi(os.Getenv("NAIRI_POLL_MS"))
	if err != nil {
		pollMs = 2000
	}
	for {
		var m message
		get("/messages/"+messageID, &m)
		if m.Status == "completed" {
			return
		}
		expect(messageID+" failed", m.Status == "failed", false)
		time.Sleep(time.Duration(pollMs) * time.Millisecond)
	}
}

func main() {
	expect("NAIRI_BASE_URL is empty", os.Getenv("NAIRI_BASE_URL") == "", false)

	// Start, poll.
	var t turn
	post("/conversations/start",
		object{"agent_id": os.Getenv("NAIRI_AGENT"), "prompt": "Refund the failed charge"}, &t)
	waitFor(t.MessageID)

	// Upload a file and continue the conversation with it.
	name, data := "Beleg \"März\" €.txt", []byte("a\x00b\xff\r\n")
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	must(must(writer.CreateFormFile("file", name)).Write(data))
	writer.Close()
	var upload struct {
		ID string `json:"attachment_id"`
	}
	send("POST", "/attachments", writer.FormDataContentType(), &form, &upload)
	post("/conversations/"+t.JobID+"/continue",
		object{"prompt": "And mail the receipt", "attachment_ids": []string{upload.ID}}, &t)
	waitFor(t.MessageID)

	// List; most readers leave the progress messages out.
	var timeline struct{ Messages []message }
	get("/conversations/"+t.JobID+"/messages", &timeline)
	roles := ""
	for _, m := range timeline.Messages {
		if m.Role != "progress" {
			roles += m.Role + " "
			fmt.Printf("%s: %s\n", m.Role, m.Content)
		}
		if m.ID == t.MessageID {
			expect("attachments", fmt.Sprint(m.AttachmentIDs), fmt.Sprint([]string{upload.ID}))
		}
	}
	expect("roles", roles, "user assistant user assistant ")
	expect("has progress", len(timeline.Messages) > 4, true)

	// The file comes back unchanged.
	var file struct {
		Filename string
		Data     []byte // encoding/json reads base64
	}
	get("/attachments/"+upload.ID, &file)
	expect("file name", file.Filename, name)
	expect("bytes", string(file.Data), string(data))

	// A job from Slack takes no prompts from here.
	var refusal struct{ Error string }
	status := post("/conversations/"+os.Getenv("NAIRI_SLACK_JOB")+"/continue", object{"prompt": "Hello"}, &refusal)
	expect("status", status, 400)
	expect("error", refusal.Error, "job is not an API job")
	fmt.Println(status, refusal.Error)
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func expect[T comparable](what string, got, wanted T) {
	if got != wanted {
		log.Fatalf("%s: expected %v, got %v", what, wanted, got)
	}
}
