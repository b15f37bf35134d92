// Clients in Go with one fault each, as people write them. Which rules name the fault stands beside it.
//
//	main NAME [--stdio]    does the job in NAIRI_JOB, or those on stdin
//	main --list            a line of JSON for each client
//
// The first half is a good client, whose steps are variables; the second does them otherwise.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

type job struct {
	ID          string   `json:"id"`
	Op          string   `json:"op"`
	BaseURL     string   `json:"base_url"`
	APIKey      string   `json:"api_key"`
	AgentID     string   `json:"agent_id"`
	JobID       string   `json:"job_id"`
	AskMode     bool     `json:"ask_mode"`
	PollMs      int      `json:"poll_ms"`
	DeadlineMs  int      `json:"deadline_ms"`
	Prompts     []string `json:"prompts"`
	Attachments []string `json:"attachments"`
}

type turn struct {
	JobID     string `json:"job_id"`
	MessageID string `json:"message_id"`
}

// message has every documented field, as a generator of types would write it.
type message struct {
	ID               string   `json:"id"`
	JobID            string   `json:"job_id"`
	Content          string   `json:"content"`
	Role             string   `json:"role"`
	Status           string   `json:"status"`
	CreatedAt        string   `json:"created_at"`
	UpdatedAt        string   `json:"updated_at"`
	AttachmentIDs    []string `json:"attachment_ids,omitempty"`
	CostUSD          *float64 `json:"cost_usd,omitempty"`
	InputTokens      *int64   `json:"input_tokens,omitempty"`
	OutputTokens     *int64   `json:"output_tokens,omitempty"`
	CacheReadTokens  *int64   `json:"cache_read_tokens,omitempty"`
	CacheWriteTokens *int64   `json:"cache_write_tokens,omitempty"`
	Model            string   `json:"model,omitempty"`
	ProgressType     string   `json:"progress_type,omitempty"`
	ToolUseID        string   `json:"tool_use_id,omitempty"`
	ParentToolUseID  string   `json:"parent_tool_use_id,omitempty"`
	ToolName         string   `json:"tool_name,omitempty"`
	ToolStatus       string   `json:"tool_status,omitempty"`
}

type page struct {
	Conversations []struct {
		ID string `json:"id"`
	} `json:"conversations"`
	NextCursor string `json:"next_cursor"`
}

type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return r.text }

type turnFailed struct{ text string }

func (t *turnFailed) Error() string { return t.text }

// client is good as newClient makes it; a broken one has another function in one of its fields.
type client struct {
	job
	ctx       context.Context // ends pauses, and begins no call after its end
	wire      context.Context // ends calls
	web       *http.Client
	headers   map[string]string
	replies   []string
	agentPath string        // the agent, as it stands in a path
	pause     time.Duration // between polls

	read     func(*http.Response) ([]byte, error)
	decode   func([]byte, any) error
	encode   func(object) []byte
	refusal  func(status int, body []byte) error
	asked    func(http.Header) time.Duration
	fileName func(path string) string
	uploads  func(paths []string) ([]string, error)
	files    func(index int, ids []string) []string // those of a prompt
	begin    func(index int)                        // before a prompt
	answer   func(turn) (string, error)
	pick     func([]message, turn) string
	list     func() ([]string, error)
}

func newClient(j job) (*client, context.CancelFunc) {
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(j.DeadlineMs)*time.Millisecond)
	c := &client{job: j, ctx: ctx, wire: ctx, replies: []string{}}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	c.agentPath = url.PathEscape(c.AgentID)
	c.pause = time.Duration(c.PollMs) * time.Millisecond
	c.headers = map[string]string{"Authorization": "Bearer " + c.APIKey, "User-Agent": "kit-go/1.0"}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.web = &http.Client{CheckRedirect: stay}
	c.read = func(reply *http.Response) ([]byte, error) { return io.ReadAll(reply.Body) }
	c.decode = json.Unmarshal
	c.encode = func(body object) []byte {
		text, _ := json.Marshal(body)
		return text
	}
	c.refusal = errorText
	c.asked = askedFor
	c.fileName = filepath.Base
	c.uploads = c.uploadAll
	c.files = func(index int, ids []string) []string {
		if index > 0 {
			return nil
		}
		return ids
	}
	c.begin = func(int) {}
	c.answer = c.wait
	c.pick = newestOfTurn
	c.list = c.conversations
	return c, stop
}

// errorText is what the server says: the text of its JSON, or all of a proxy's page.
func errorText(status int, body []byte) error {
	var told struct{ Error string }
	if json.Unmarshal(body, &told) != nil || told.Error == "" {
		told.Error = string(body)
	}
	return &refused{status, told.Error}
}

// askedFor counts a date from the server's own clock.
func askedFor(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	now, wrong := http.ParseTime(header.Get("Date"))
	if err != nil || wrong != nil {
		return 0
	}
	return until.Sub(now)
}

// try sends one request. "Again" says that a later one may do better, and after which time.
func (c *client) try(
	method, path, kind string, body []byte, result any,
) (again bool, asked time.Duration, err error) {
	if err := c.ctx.Err(); err != nil {
		return false, 0, err
	}
	request, err := http.NewRequestWithContext(c.wire, method, c.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return false, 0, err
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	reply, err := c.web.Do(request)
	if err != nil {
		return true, 0, err
	}
	defer reply.Body.Close()
	text, err := c.read(reply)
	if err != nil {
		return true, 0, err
	}
	if reply.StatusCode/100 != 2 {
		passes := map[int]bool{429: true, 502: true, 503: true, 504: true}
		return passes[reply.StatusCode], c.asked(reply.Header), c.refusal(reply.StatusCode, text)
	}
	err = c.decode(text, result)
	var garbled *json.SyntaxError
	return errors.As(err, &garbled) || errors.Is(err, io.ErrUnexpectedEOF), 0, err
}

func (c *client) get(path string, result any) error {
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		again, asked, err := c.try("GET", path, "", nil, result)
		if err == nil || !again || pause > time.Second {
			return err
		}
		if asked < pause {
			asked = pause
		}
		if err := c.sleep(asked); err != nil {
			return err
		}
	}
}

func (c *client) sleep(pause time.Duration) error {
	select {
	case <-time.After(pause):
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

func (c *client) upload(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, _ := writer.CreateFormFile("file", c.fileName(path)) // writing to memory can't fail
	part.Write(data)
	writer.Close()
	var file struct {
		ID string `json:"attachment_id"`
	}
	_, _, err = c.try("POST", "/attachments", writer.FormDataContentType(), form.Bytes(), &file)
	return file.ID, err
}

func (c *client) uploadAll(paths []string) ([]string, error) {
	var ids []string
	for _, path := range paths {
		id, err := c.upload(path)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// ask sends a prompt, as a new conversation or in the given one.
func (c *client) ask(jobID, prompt string, files []string) (turn, error) {
	path, body := "/conversations/start", object{"agent_id": c.AgentID, "ask_mode": c.AskMode, "prompt": prompt}
	if jobID != "" {
		path, body = "/conversations/"+url.PathEscape(jobID)+"/continue", object{"prompt": prompt}
	}
	if len(files) > 0 {
		body["attachment_ids"] = files
	}
	var t turn
	_, _, err := c.try("POST", path, "application/json", c.encode(body), &t)
	if err == nil && (t.JobID == "" || t.MessageID == "") {
		err = errors.New("the reply names no message")
	}
	return t, err
}

func (c *client) poll(t turn) (m message, err error) {
	return m, c.get("/messages/"+url.PathEscape(t.MessageID), &m)
}

func (c *client) timeline(jobID string) ([]message, error) {
	var reply struct{ Messages []message }
	err := c.get("/conversations/"+url.PathEscape(jobID)+"/messages", &reply)
	return reply.Messages, err
}

// wait polls to the turn's end; queued, and what is unknown, goes on.
func (c *client) wait(t turn) (string, error) {
	for {
		m, err := c.poll(t)
		if err != nil {
			return "", err
		}
		if m.Status == "completed" || m.Status == "failed" {
			return c.outcome(m.Status, t)
		}
		if err := c.sleep(c.pause); err != nil {
			return "", err
		}
	}
}

func (c *client) outcome(status string, t turn) (string, error) {
	messages, err := c.timeline(t.JobID)
	if err != nil {
		return "", err
	}
	if status == "failed" {
		return "", &turnFailed{newest("system", messages)}
	}
	return c.pick(messages, t), nil
}

func newest(role string, messages []message) (text string) {
	for _, m := range messages {
		if m.Role == role {
			text = m.Content
		}
	}
	return text
}

func newestOfTurn(messages []message, t turn) string {
	for i, m := range messages {
		if m.ID == t.MessageID {
			return newest("assistant", messages[i:])
		}
	}
	return ""
}

func (c *client) converse() error {
	ids, err := c.uploads(c.Attachments)
	if err != nil {
		return err
	}
	jobID := c.JobID
	for index, prompt := range c.Prompts {
		c.begin(index)
		t, err := c.ask(jobID, prompt, c.files(index, ids))
		if err != nil {
			return err
		}
		text, err := c.answer(t)
		if err != nil {
			return err
		}
		jobID, c.replies = t.JobID, append(c.replies, text)
	}
	return nil
}

func (c *client) conversations() ([]string, error) {
	return c.pages("limit=100&sort=created_at_asc", 0)
}

// pages walks by offset, each of a hundred; `more` is what the offset has too much.
func (c *client) pages(query string, more int) ([]string, error) {
	ids := []string{}
	for number := 0; ; number++ {
		offset := 100 * number
		if number > 0 {
			offset += more
		}
		var p page
		path := fmt.Sprintf("/agents/%s/conversations?%s&offset=%d", c.agentPath, query, offset)
		if err := c.get(path, &p); err != nil {
			return nil, err
		}
		for _, conversation := range p.Conversations {
			ids = append(ids, conversation.ID)
		}
		if len(p.Conversations) < 100 {
			return ids, nil
		}
	}
}

func (c *client) agents() ([]string, error) {
	var all []struct {
		AgentID string `json:"agent_id"`
	}
	slugs := []string{}
	err := c.get("/agents", &all)
	for _, agent := range all {
		slugs = append(slugs, agent.AgentID)
	}
	return slugs, err
}

func (c *client) visible() ([]message, error) {
	all, err := c.timeline(c.JobID)
	kept := []message{}
	for _, m := range all {
		if m.Role != "progress" {
			kept = append(kept, m)
		}
	}
	return kept, err
}

func (c *client) run(result object) (err error) {
	switch c.Op {
	case "converse", "continue":
		err = c.converse()
		result["replies"] = c.replies
	case "messages":
		result["messages"], err = c.visible()
	case "conversations":
		result["conversations"], err = c.list()
	case "agents":
		result["agents"], err = c.agents()
	default:
		result["outcome"] = "unsupported"
	}
	return err
}

func perform(spoil func(*client), line []byte) object {
	j := job{PollMs: 2000, DeadlineMs: 60_000}
	if err := json.Unmarshal(line, &j); err != nil {
		return object{"outcome": "error", "error": object{"message": err.Error()}}
	}
	c, stop := newClient(j)
	defer stop()
	ctx := c.ctx
	spoil(c)
	result := object{"id": j.ID, "outcome": "completed"}
	err := c.run(result)
	var failed *turnFailed
	var refusal *refused
	if err == nil {
		return result
	}
	told := object{"message": err.Error()}
	if errors.As(err, &refusal) {
		told["status"] = refusal.status
	}
	result["outcome"], result["error"] = "error", told
	if errors.As(err, &failed) {
		result["outcome"] = "failed"
	} else if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		result["outcome"] = "timeout"
	}
	return result
}

type broken struct {
	Name  string   `json:"name"`
	Rules []string `json:"rules"`
	Why   string   `json:"why"`
	spoil func(*client)
}

var all = []broken{
	// -- Prompts that run twice ----------------------------------------------------------------------
	{"go/starts-over-after-a-404", []string{"sends-a-prompt-once"},
		"When a poll is answered 404, it asks the same in a new conversation.", startOver},
	{"go/lets-net-http-repeat-its-posts", []string{"no-blind-retry-of-post"},
		"Its Idempotency-Key, which the API does not know, lets net/http send a POST again whose connection broke.",
		func(c *client) { c.headers["Idempotency-Key"] = "kit-go-1" }},

	// -- Texts ---------------------------------------------------------------------------------------
	{"go/quotes-prompts-with-percent-q", []string{"valid-requests", "keeps-texts-as-they-are"},
		"It writes JSON with %q, whose \\a, \\x7f and \\U000e0001 no JSON knows.", quoteLikeGo},
	{"go/reads-answers-line-by-line", []string{"keeps-texts-as-they-are"},
		"It puts answers through a Scanner, which drops carriage returns, the last line end and all after a long line.",
		scanLines},

	// -- Files ---------------------------------------------------------------------------------------
	{"go/names-every-file-upload-bin", []string{"keeps-texts-as-they-are"},
		"It uploads each file under the name upload.bin.",
		func(c *client) { c.fileName = func(string) string { return "upload.bin" } }},
	{"go/uploads-the-last-file-each-time", []string{"keeps-texts-as-they-are", "result"},
		"Its closures share the loop's variable, so of several files it uploads the last one several times.",
		shareTheVariable},
	{"go/sends-files-with-each-prompt", []string{"keeps-texts-as-they-are", "result"},
		"It sends the files with each prompt, not with the first alone.",
		func(c *client) { c.files = func(_ int, ids []string) []string { return ids } }},

	// -- Whose answer --------------------------------------------------------------------------------
	{"go/takes-the-last-message-for-the-answer",
		[]string{"reads-the-answer", "result-matches-terminal", "filters-progress"},
		"Its answer is the last message of the timeline, be it a notice, progress or the prompt itself.",
		func(c *client) {
			c.pick = func(messages []message, _ turn) string { return messages[len(messages)-1].Content }
		}},

	// -- Time ----------------------------------------------------------------------------------------
	{"go/keeps-no-deadline-in-the-second-turn", []string{"deadline-kept"},
		"It gives the context with the deadline to the first turn only.", forgetTheContext},
	{"go/checks-its-deadline-between-calls", []string{"deadline-kept"},
		"Its requests have no timeout, so one reply that drips or does not come outlives the deadline.",
		func(c *client) { c.wire = context.Background() }},
	{"go/gives-up-after-ten-polls", []string{"polls-until-terminal", "result"},
		"It reports a timeout after ten polls, long before its deadline.", countPolls},
	{"go/knows-no-dates-in-retry-after", []string{"retry-after"},
		"It reads Retry-After as a number, and takes a date for no pause at all.",
		func(c *client) {
			c.asked = func(header http.Header) time.Duration {
				seconds, _ := strconv.Atoi(header.Get("Retry-After"))
				return time.Duration(seconds) * time.Second
			}
		}},

	// -- Statuses ------------------------------------------------------------------------------------
	{"go/takes-an-unknown-status-for-a-failure", []string{"unknown-status-is-not-terminal", "polls-until-terminal"},
		"A status that it does not know ends the turn as failed.", switchOverStatuses},
	{"go/lists-active-conversations-only", []string{"result"},
		"It lists the active conversations, where all are wanted.",
		func(c *client) {
			c.list = func() ([]string, error) { return c.pages("status=active&limit=100&sort=created_at_asc", 0) }
		}},

	// -- Pages ---------------------------------------------------------------------------------------
	{"go/reads-its-last-page-for-ever", []string{"reads-all-pages", "deadline-kept", "result"},
		"It decodes each page into the same struct, where a next_cursor of null leaves the old one standing.",
		walkByCursor},
	{"go/skips-one-at-each-page", []string{"result", "reads-all-pages"},
		"Its offset for the second page is 101, so one conversation is never seen.",
		func(c *client) {
			c.list = func() ([]string, error) { return c.pages("limit=100&sort=created_at_asc", 1) }
		}},

	// -- Errors --------------------------------------------------------------------------------------
	{"go/drops-the-text-of-errors", []string{"surfaces-api-errors"},
		"It reports the status of an error, without the server's text.",
		func(c *client) {
			c.refusal = func(status int, _ []byte) error {
				return &refused{status, fmt.Sprintf("unexpected status code: %d", status)}
			}
		}},
	{"go/ignores-what-read-and-decode-say", []string{"malformed-or-truncated-is-an-error"},
		"It ignores the errors of io.ReadAll and json.Unmarshal, so a timeline that is cut is an empty answer.",
		ignoreErrors},

	// -- Transport -----------------------------------------------------------------------------------
	{"go/reads-as-much-as-content-length-says", []string{"result"},
		"It makes room for as many bytes as Content-Length says, and dies of a reply that is chunked.",
		trustContentLength},
	{"go/encodes-slugs-in-bodies", []string{"encodes-path", "result"},
		"It percent-encodes the agent's slug once for all, so it stands encoded in the body of a start, too.",
		func(c *client) { c.AgentID = c.agentPath }},

	// -- Process -------------------------------------------------------------------------------------
	{"go/disallows-unknown-fields", []string{"survives-additive-changes"},
		"It decodes messages with DisallowUnknownFields, and fails on a new one.", decodeStrictly},
	{"go/pauses-for-nanoseconds", []string{"polls-no-faster-than-asked"},
		"It takes the milliseconds between two polls for nanoseconds.",
		func(c *client) { c.pause = time.Duration(c.PollMs) }},
}

// startOver: "not found? The conversation got lost, so begin again." A goroutine waits, as it may be slow.
func startOver(c *client) {
	c.answer = func(t turn) (string, error) {
		prompt := c.Prompts[len(c.replies)]
		for restarts := 0; ; restarts++ {
			texts, wrong := make(chan string, 1), make(chan error, 1)
			go func(t turn) {
				if text, err := c.wait(t); err != nil {
					wrong <- err
				} else {
					texts <- text
				}
			}(t)
			select {
			case text := <-texts:
				return text, nil
			case err := <-wrong:
				var refusal *refused
				if !errors.As(err, &refusal) || refusal.status != http.StatusNotFound || restarts == 2 {
					return "", err
				}
				if t, err = c.ask("", prompt, nil); err != nil {
					return "", err
				}
			}
		}
	}
}

// quoteLikeGo needs no structs for two fields; and for ASCII it works.
func quoteLikeGo(c *client) {
	c.encode = func(body object) []byte {
		fields := []string{}
		for name, value := range body {
			switch value := value.(type) {
			case string:
				fields = append(fields, fmt.Sprintf("%q: %q", name, value))
			case []string:
				fields = append(fields, fmt.Sprintf(`%q: ["%s"]`, name, strings.Join(value, `", "`)))
			default:
				fields = append(fields, fmt.Sprintf("%q: %v", name, value))
			}
		}
		return []byte("{" + strings.Join(fields, ", ") + "}")
	}
}

// scanLines cleans up line ends, and knows not that a Scanner ends at a line of 64 kB.
func scanLines(c *client) {
	c.answer = func(t turn) (string, error) {
		text, err := c.wait(t)
		lines := []string{}
		for scanner := bufio.NewScanner(strings.NewReader(text)); scanner.Scan(); {
			lines = append(lines, scanner.Text())
		}
		return strings.Join(lines, "\n"), err
	}
}

// shareTheVariable: before Go 1.22 a loop has one variable for all its rounds.
func shareTheVariable(c *client) {
	c.uploads = func(paths []string) ([]string, error) {
		var tasks []func() (string, error)
		for _, path := range paths {
			tasks = append(tasks, func() (string, error) { return c.upload(path) })
		}
		var ids []string
		for _, task := range tasks {
			id, err := task()
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, nil
	}
}

// forgetTheContext: the follow-up was written later, and took context.Background() to compile.
func forgetTheContext(c *client) {
	c.begin = func(index int) {
		if index > 0 {
			c.ctx, c.wire = context.Background(), context.Background()
		}
	}
}

// countPolls has ticks and a counter, and no idea how long a turn takes.
func countPolls(c *client) {
	c.answer = func(t turn) (string, error) {
		ticker := time.NewTicker(c.pause)
		defer ticker.Stop()
		for polls := 0; polls < 10; polls++ {
			m, err := c.poll(t)
			if err != nil {
				return "", err
			}
			if m.Status == "completed" || m.Status == "failed" {
				return c.outcome(m.Status, t)
			}
			select {
			case <-ticker.C:
			case <-c.ctx.Done():
				return "", c.ctx.Err()
			}
		}
		return "", fmt.Errorf("no answer after 10 polls: %w", context.DeadlineExceeded)
	}
}

// switchOverStatuses was complete on the day on which it was written.
func switchOverStatuses(c *client) {
	c.answer = func(t turn) (string, error) {
		for {
			m, err := c.poll(t)
			if err != nil {
				return "", err
			}
			switch m.Status {
			case "completed":
				return c.outcome("completed", t)
			case "queued", "pending":
				if err := c.sleep(c.pause); err != nil {
					return "", err
				}
			default:
				return c.outcome("failed", t)
			}
		}
	}
}

// walkByCursor: null leaves a Go string as it is.
func walkByCursor(c *client) {
	c.list = func() ([]string, error) {
		ids := []string{}
		var p page
		for {
			path := "/agents/" + c.agentPath + "/conversations?limit=100&cursor=" + url.QueryEscape(p.NextCursor)
			if p.NextCursor == "" {
				path = "/agents/" + c.agentPath + "/conversations?limit=100"
			}
			if err := c.get(path, &p); err != nil {
				return nil, err
			}
			for _, conversation := range p.Conversations {
				ids = append(ids, conversation.ID)
			}
			if p.NextCursor == "" {
				return ids, nil
			}
		}
	}
}

// ignoreErrors: `body, _ :=` for the text of a timeline; a poll without a status goes on anyway.
func ignoreErrors(c *client) {
	c.read = func(reply *http.Response) ([]byte, error) {
		text, _ := io.ReadAll(reply.Body)
		return text, nil
	}
	c.decode = func(text []byte, result any) error {
		_ = json.Unmarshal(text, result)
		return nil
	}
}

// trustContentLength: of a chunked reply, and of one that net/http unpacks, it is -1.
func trustContentLength(c *client) {
	c.read = func(reply *http.Response) ([]byte, error) {
		buffer := make([]byte, reply.ContentLength)
		_, err := io.ReadFull(reply.Body, buffer)
		return buffer, err
	}
}

// decodeStrictly: "so that we notice when the API changes."
func decodeStrictly(c *client) {
	c.decode = func(text []byte, result any) error {
		decoder := json.NewDecoder(bytes.NewReader(text))
		if _, is := result.(*message); is {
			decoder.DisallowUnknownFields()
		}
		return decoder.Decode(result)
	}
}

func main() {
	name, stdio := "", len(os.Args) > 2 && os.Args[2] == "--stdio"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if name == "--list" {
		for _, one := range all {
			out.Encode(one)
		}
		return
	}
	for _, one := range all {
		if one.Name != name {
			continue
		}
		if !stdio {
			out.Encode(perform(one.spoil, []byte(os.Getenv("NAIRI_JOB"))))
			return
		}
		for lines := bufio.NewReader(os.Stdin); ; {
			line, err := lines.ReadBytes('\n')
			if err != nil && len(line) == 0 {
				return
			}
			out.Encode(perform(one.spoil, line))
		}
	}
	fmt.Fprintln(os.Stderr, "usage: NAME [--stdio] | --list")
	os.Exit(2)
}
