// A good client of the Conversations API, with net/http. Its job is in NAIRI_JOB.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

type object = map[string]any

// client keeps the first error and its status; after it, nothing is sent any more.
type client struct {
	ID, Op               string
	BaseURL              string `json:"base_url"`
	APIKey               string `json:"api_key"`
	AgentID              string `json:"agent_id"`
	JobID                string `json:"job_id"`
	AttachmentID         string `json:"attachment_id"`
	Path                 string
	AskMode              bool   `json:"ask_mode"`
	PollMs               int    `json:"poll_ms"`
	DeadlineMs           int    `json:"deadline_ms"`
	Prompts, Attachments []string

	deadline context.Context // ends calls and pauses alike
	web      http.Client
	err      error
	status   int
}

// try answers the status, too, and how long Retry-After asks to wait.
func (c *client) try(method, path, contentType string, body []byte, result any) (int, time.Duration, error) {
	request, err := http.NewRequestWithContext(c.deadline, method, c.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("Authorization", "Bearer "+c.APIKey)
	request.Header.Set("User-Agent", "example-go/1.0")
	request.Header.Set("Content-Type", contentType)
	reply, err := c.web.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer reply.Body.Close()
	if reply.StatusCode/100 == 2 {
		return reply.StatusCode, 0, json.NewDecoder(reply.Body).Decode(result)
	}
	var refusal struct{ Error string }
	json.NewDecoder(reply.Body).Decode(&refusal) // without a text, the status has to do
	if refusal.Error == "" {
		refusal.Error = reply.Status
	}
	return reply.StatusCode, askedFor(reply.Header), errors.New(refusal.Error)
}

// askedFor is what Retry-After wants: seconds, or a date that counts from the reply's own.
func askedFor(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if now, err := http.ParseTime(header.Get("Date")); err == nil {
		return at.Sub(now)
	}
	return time.Until(at)
}

// get tries again when the reply was lost, cut or no JSON, or tells of what passes.
func (c *client) get(path string, result any) {
	for pause := 100 * time.Millisecond; c.err == nil; pause *= 2 {
		status, asked, err := c.try("GET", path, "", nil, result)
		mayPass := status < 300 || status == 429 || status == 502 || status == 503 || status == 504
		if err == nil {
			return
		} else if pause > time.Second || !mayPass {
			c.status, c.err = status, err
		} else if asked > 0 {
			c.sleep(asked)
		} else {
			c.sleep(pause)
		}
	}
}

// post never sends twice: the first may have been carried out.
func (c *client) post(path string, body object) (turn struct {
	JobID     string `json:"job_id"`
	MessageID string `json:"message_id"`
}) {
	if text, _ := json.Marshal(body); c.err == nil {
		c.status, _, c.err = c.try("POST", path, "application/json", text, &turn)
	}
	return turn
}

func (c *client) sleep(pause time.Duration) {
	select {
	case <-time.After(pause):
	case <-c.deadline.Done():
		c.err = c.deadline.Err()
	}
}

func (c *client) upload(path string) string {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, _ := writer.CreateFormFile("file", filepath.Base(path)) // writing to memory can't fail
	data, err := os.ReadFile(path)
	part.Write(data)
	writer.Close()
	var file map[string]string
	if err != nil {
		c.err = err
	} else if c.err == nil {
		c.status, _, c.err = c.try("POST", "/attachments", writer.FormDataContentType(), form.Bytes(), &file)
	}
	return file["attachment_id"]
}

func conversation(jobID, end string) string {
	return "/conversations/" + url.PathEscape(jobID) + end
}

func (c *client) timeline(jobID string) []object {
	var reply struct{ Messages []object }
	c.get(conversation(jobID, "/messages"), &reply)
	return reply.Messages
}

// answer waits for the turn's end; queued, and what is unknown, goes on.
func (c *client) answer(jobID, messageID string) (status, text string) {
	for c.err == nil {
		var message struct{ Status string }
		c.get("/messages/"+url.PathEscape(messageID), &message)
		switch message.Status {
		case "completed":
			return message.Status, c.newest(jobID, messageID, "assistant")
		case "failed":
			return message.Status, c.newest(jobID, messageID, "system")
		}
		c.sleep(time.Duration(c.PollMs) * time.Millisecond)
	}
	return "", ""
}

// newest is what that role said last since the user's message.
func (c *client) newest(jobID, messageID, role string) string {
	text := ""
	for _, message := range c.timeline(jobID) {
		if message["id"] == messageID {
			text = ""
		} else if message["role"] == role {
			text, _ = message["content"].(string)
		}
	}
	return text
}

func (c *client) converse(result object) {
	files, replies := []string{}, []string{}
	for _, path := range c.Attachments {
		files = append(files, c.upload(path))
	}
	path, body := "/conversations/start", object{"agent_id": c.AgentID, "ask_mode": c.AskMode}
	if c.JobID != "" {
		path, body = conversation(c.JobID, "/continue"), object{}
	}
	for _, prompt := range c.Prompts {
		body["prompt"], body["attachment_ids"] = prompt, files
		turn := c.post(path, body)
		status, text := c.answer(turn.JobID, turn.MessageID)
		if status == "failed" {
			result["outcome"], result["error"] = "failed", object{"message": text}
			return
		}
		path, body, files = conversation(turn.JobID, "/continue"), object{}, []string{}
		replies = append(replies, text)
	}
	result["replies"] = replies
}

func (c *client) messages(result object) {
	visible := []object{}
	for _, message := range c.timeline(c.JobID) {
		if message["role"] != "progress" {
			visible = append(visible, message)
		}
	}
	result["messages"] = visible
}

func (c *client) conversations(result object) {
	ids, size := []string{}, 100
	for size == 100 {
		var page struct{ Conversations []struct{ ID string } }
		path := "/agents/%s/conversations?limit=100&offset=%d&sort=created_at_asc"
		c.get(fmt.Sprintf(path, url.PathEscape(c.AgentID), len(ids)), &page)
		for _, conversation := range page.Conversations {
			ids = append(ids, conversation.ID)
		}
		size = len(page.Conversations)
	}
	result["conversations"] = ids
}

func (c *client) download(result object) {
	var file struct{ Data []byte } // encoding/json decodes base64
	c.get("/attachments/"+url.PathEscape(c.AttachmentID), &file)
	if c.err == nil {
		c.err = os.WriteFile(c.Path, file.Data, 0o600)
	}
}

func (c *client) agents(result object) {
	var agents []struct {
		AgentID string `json:"agent_id"`
	}
	c.get("/agents", &agents)
	slugs := []string{}
	for _, agent := range agents {
		slugs = append(slugs, agent.AgentID)
	}
	result["agents"] = slugs
}

func main() {
	c := client{PollMs: 2000, DeadlineMs: 60_000}
	c.err = json.Unmarshal([]byte(os.Getenv("NAIRI_JOB")), &c)
	deadline, stop := context.WithTimeout(context.Background(), time.Duration(c.DeadlineMs)*time.Millisecond)
	defer stop()
	c.deadline = deadline
	// No redirect is followed: the key must not go elsewhere.
	c.web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	operations := map[string]func(object){"converse": c.converse, "continue": c.converse,
		"messages": c.messages, "conversations": c.conversations, "agents": c.agents, "download": c.download}
	result := object{"id": c.ID, "outcome": "completed"}
	operation, known := operations[c.Op]
	if !known {
		os.Exit(127) // not supported
	}
	operation(result)
	if c.err != nil {
		failure := object{"status": c.status, "message": c.err.Error()}
		result = object{"id": c.ID, "outcome": "error", "error": failure}
		if deadline.Err() != nil {
			result["outcome"] = "timeout"
		}
	}
	json.NewEncoder(os.Stdout).Encode(result)
}
