// Good clients in Go of other habits than go/main.go, which must be judged as good.
//
//	main NAME [--stdio]    does the job in NAIRI_JOB, or those on stdin
//	main --list            a line of JSON for each client
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

type job struct {
	ID          string
	Op          string
	BaseURL     string `json:"base_url"`
	APIKey      string `json:"api_key"`
	AgentID     string `json:"agent_id"`
	JobID       string `json:"job_id"`
	AskMode     *bool  `json:"ask_mode"`
	PollMs      int    `json:"poll_ms"`
	DeadlineMs  int    `json:"deadline_ms"`
	Prompts     []string
	Attachments []string
}

type turn struct {
	JobID     string `json:"job_id"`
	MessageID string `json:"message_id"`
}

type message struct {
	ID      string `json:"id"`
	Role    string `json:"role"`
	Status  string `json:"status"`
	Content string `json:"content"`
}

// refusal is a reply that is no success; asked is the pause of its Retry-After.
type refusal struct {
	status int
	text   string
	asked  time.Duration
}

func (r refusal) Error() string { return r.text }
func (r refusal) passes() bool {
	return r.status == 429 || r.status == 502 || r.status == 503 || r.status == 504
}

type failure string

func (f failure) Error() string { return string(f) }

// session is a job in work. A style has other steps in the fields below.
type session struct {
	job
	ctx     context.Context
	web     http.Client
	tries   int // of a read
	dress   func(http.Header)
	marshal func(any) ([]byte, error)
	upload  func(paths []string) ([]string, error)
	prompt  func(jobID, text string, files []string) (turn, error)
	answer  func(turn) (string, error)
	list    func() ([]string, error)
}

func newSession(ctx context.Context, j job) *session {
	s := &session{job: j, ctx: ctx, tries: 5, marshal: json.Marshal}
	s.web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.dress = func(header http.Header) {
		header.Set("Authorization", "Bearer "+s.APIKey)
		header.Set("User-Agent", "styles-go/1.0")
	}
	s.upload, s.prompt, s.answer, s.list = s.uploadAll, s.ask, s.poll, s.offsets
	return s
}

// send makes one request, and hands the body of a good reply to decode.
func (s *session) send(method, path, kind string, body io.Reader, decode func(*http.Response) error) error {
	request, err := http.NewRequestWithContext(s.ctx, method, address(s.BaseURL, path), body)
	if err != nil {
		return err
	}
	s.dress(request.Header)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	reply, err := s.web.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode < 200 || reply.StatusCode > 299 {
		return refused(reply)
	}
	if err := decode(reply); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, reply.Body) // so that the connection can be used again
	return err
}

// address joins the two, whether or not the base ends in a slash.
func address(base, path string) string {
	if base != "" && base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	return base + path
}

func refused(reply *http.Response) error {
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return err
	}
	var told struct{ Error string }
	if json.Unmarshal(text, &told) == nil && told.Error != "" {
		text = []byte(told.Error)
	}
	return refusal{reply.StatusCode, string(text), asked(reply.Header)}
}

func asked(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, _ := http.ParseTime(value)
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil || until.IsZero() {
		return 0
	}
	return until.Sub(now)
}

func (s *session) pause(long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

func (s *session) pollPause() time.Duration { return time.Duration(s.PollMs) * time.Millisecond }

// read sends a GET again, after a growing pause, unless it was refused for good.
func (s *session) read(path string, decode func(*http.Response) error) error {
	for pause, left := 100*time.Millisecond, s.tries; ; pause *= 2 {
		err := s.send("GET", path, "", nil, decode)
		var r refusal
		if left--; err == nil || left == 0 || s.ctx.Err() != nil || errors.As(err, &r) && !r.passes() {
			return err
		}
		if err := s.pause(longer(pause, r.asked)); err != nil {
			return err
		}
	}
}

func longer(one, other time.Duration) time.Duration {
	if one > other {
		return one
	}
	return other
}

func into[T any](result *T) func(*http.Response) error {
	return func(reply *http.Response) error {
		var fresh T
		err := json.NewDecoder(reply.Body).Decode(&fresh)
		*result = fresh
		return err
	}
}

func get[T any](s *session, path string) (result T, err error) {
	err = s.read(path, into(&result))
	return result, err
}

func post[T any](s *session, path string, body any) (result T, err error) {
	text, err := s.marshal(body)
	if err == nil {
		err = s.send("POST", path, "application/json", bytes.NewReader(text), into(&result))
	}
	return result, err
}

type attachment struct {
	ID string `json:"attachment_id"`
}

func (s *session) uploadAll(paths []string) (ids []string, err error) {
	for _, path := range paths {
		var form bytes.Buffer
		writer := multipart.NewWriter(&form)
		if err := pack(writer, path); err != nil {
			return nil, err
		}
		var file attachment
		if err := s.send("POST", "/attachments", writer.FormDataContentType(), &form, into(&file)); err != nil {
			return nil, err
		}
		ids = append(ids, file.ID)
	}
	return ids, nil
}

// pack writes the file as the only part of a form.
func pack(writer *multipart.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	part, err := writer.CreateFormFile("file", filepath.Base(path))
	if err == nil {
		_, err = io.Copy(part, file)
	}
	if err == nil {
		err = writer.Close()
	}
	return err
}

func (s *session) ask(jobID, text string, files []string) (turn, error) {
	path := "/conversations/start"
	body := struct {
		AgentID string   `json:"agent_id,omitempty"`
		Prompt  string   `json:"prompt"`
		AskMode *bool    `json:"ask_mode,omitempty"`
		Files   []string `json:"attachment_ids,omitempty"`
	}{s.AgentID, text, s.AskMode, files}
	if jobID != "" {
		path, body.AgentID, body.AskMode = "/conversations/"+url.PathEscape(jobID)+"/continue", "", nil
	}
	t, err := post[turn](s, path, body)
	if err == nil && (t.JobID == "" || t.MessageID == "") {
		err = errors.New("the reply names no message")
	}
	return t, err
}

func timelinePath(jobID string) string {
	return "/conversations/" + url.PathEscape(jobID) + "/messages"
}

func (s *session) timeline(jobID string) ([]message, error) {
	reply, err := get[struct{ Messages []message }](s, timelinePath(jobID))
	return reply.Messages, err
}

func (s *session) poll(t turn) (string, error) {
	for {
		m, err := get[message](s, "/messages/"+url.PathEscape(t.MessageID))
		if err != nil {
			return "", err
		}
		if m.Status == "completed" || m.Status == "failed" {
			return s.end(t, m.Status)
		}
		if err := s.pause(s.pollPause()); err != nil {
			return "", err
		}
	}
}

func (s *session) end(t turn, status string) (string, error) {
	messages, err := s.timeline(t.JobID)
	if err != nil {
		return "", err
	}
	_, text, err := look(messages, t, status)
	return text, err
}

// look says whether the turn is over, with its answer or its failure. A status that is known is given.
func look(messages []message, t turn, status string) (over bool, text string, err error) {
	failed := failure("")
	for _, m := range messages {
		switch {
		case m.ID == t.MessageID:
			text = ""
			if status == "" {
				status = m.Status
			}
		case m.Role == "assistant":
			text = m.Content
		case m.Role == "system":
			failed = failure(m.Content)
		}
	}
	if status == "failed" {
		return true, "", failed
	}
	return status == "completed", text, nil
}

func (s *session) conversationsPath(query url.Values) string {
	return "/agents/" + url.PathEscape(s.AgentID) + "/conversations?" + query.Encode()
}

type page struct {
	Conversations []struct{ ID string }
	NextCursor    *string `json:"next_cursor"`
}

func (s *session) offsets() ([]string, error) {
	ids := []string{}
	for {
		query := url.Values{"limit": {"50"}, "offset": {strconv.Itoa(len(ids))}, "sort": {"created_at_asc"}}
		p, err := get[page](s, s.conversationsPath(query))
		if err != nil {
			return nil, err
		}
		for _, one := range p.Conversations {
			ids = append(ids, one.ID)
		}
		if len(p.Conversations) < 50 {
			return ids, nil
		}
	}
}

func (s *session) converse() ([]string, error) {
	replies := []string{}
	files, err := s.upload(s.Attachments)
	if err != nil {
		return replies, err
	}
	jobID := s.JobID
	for _, prompt := range s.Prompts {
		t, err := s.prompt(jobID, prompt, files)
		if err != nil {
			return replies, err
		}
		text, err := s.answer(t)
		if err != nil {
			return replies, err
		}
		jobID, files, replies = t.JobID, nil, append(replies, text)
	}
	return replies, nil
}

func (s *session) agents() ([]string, error) {
	agents, err := get[[]struct {
		Slug string `json:"agent_id"`
	}](s, "/agents")
	slugs := []string{}
	for _, agent := range agents {
		slugs = append(slugs, agent.Slug)
	}
	return slugs, err
}

func (s *session) messages() ([]message, error) {
	messages, err := s.timeline(s.JobID)
	visible := []message{}
	for _, m := range messages {
		if m.Role != "progress" {
			visible = append(visible, m)
		}
	}
	return visible, err
}

// -- The styles --------------------------------------------------------------------------------------

// watchInAGoroutine has a goroutine read the timeline, tick by tick, and takes what comes first.
func watchInAGoroutine(s *session) {
	type sight struct {
		messages []message
		err      error
	}
	s.answer = func(t turn) (string, error) {
		ctx, stop := context.WithCancel(s.ctx)
		defer stop()
		sights := make(chan sight)
		go func() {
			ticker := time.NewTicker(s.pollPause())
			defer ticker.Stop()
			for {
				messages, err := s.timeline(t.JobID)
				select {
				case sights <- sight{messages, err}:
				case <-ctx.Done():
					return
				}
				select {
				case <-ticker.C:
				case <-ctx.Done():
					return
				}
			}
		}()
		for {
			select {
			case seen := <-sights:
				if seen.err != nil {
					return "", seen.err
				}
				if over, text, err := look(seen.messages, t, ""); over {
					return text, err
				}
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
	}
}

// readBothEachRound polls the message, and shows the timeline meanwhile; the pauses grow.
func readBothEachRound(s *session) {
	s.answer = func(t turn) (string, error) {
		for pause := s.pollPause(); ; pause += pause / 4 {
			m, err := get[message](s, "/messages/"+url.PathEscape(t.MessageID))
			if err != nil {
				return "", err
			}
			messages, err := s.timeline(t.JobID)
			if err != nil {
				return "", err
			}
			if m.Status == "completed" || m.Status == "failed" {
				_, text, err := look(messages, t, m.Status)
				return text, err
			}
			if err := s.pause(pause); err != nil {
				return "", err
			}
		}
	}
}

// patient is a transport that knows the key, and how to try a read again.
type patient struct {
	key  string
	next http.RoundTripper
}

func (p patient) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+p.key)
	request.Header.Set("User-Agent", "patient-transport/2 (go)")
	for attempt := 0; ; attempt++ {
		reply, err := p.next.RoundTrip(request)
		if err == nil {
			err = whole(reply)
		}
		passing := err != nil || refusal{status: reply.StatusCode}.passes()
		if err != nil {
			reply = nil
		}
		if request.Method != http.MethodGet || attempt == 4 || !passing {
			return reply, err
		}
		pause := time.Duration(100<<attempt) * time.Millisecond
		pause += time.Duration(rand.Int63n(int64(pause) / 2))
		if reply != nil {
			pause = longer(pause, asked(reply.Header))
		}
		select {
		case <-time.After(pause):
		case <-request.Context().Done():
			return nil, request.Context().Err()
		}
	}
}

// whole reads all of the body, so that one that is cut shows here.
func whole(reply *http.Response) error {
	text, err := io.ReadAll(reply.Body)
	reply.Body.Close()
	reply.Body = io.NopCloser(bytes.NewReader(text))
	return err
}

func retryInTheTransport(s *session) {
	s.web.Transport = patient{s.APIKey, http.DefaultTransport}
	s.dress = func(http.Header) {}
	s.tries = 1
}

// lookFirst: a prompt whose reply is lost is looked for, and sent again only when it is not there.
func lookFirst(s *session) {
	s.prompt = func(jobID, text string, files []string) (turn, error) {
		before, err := s.known(jobID)
		if err != nil {
			return turn{}, err
		}
		t, err := s.ask(jobID, text, files)
		var r refusal
		if err == nil || s.ctx.Err() != nil || errors.As(err, &r) && r.status < 500 {
			return t, err
		}
		if err := s.pause(longer(300*time.Millisecond, r.asked)); err != nil {
			return turn{}, err
		}
		now, err := s.known(jobID)
		if err != nil {
			return turn{}, err
		}
		for id, jobID := range now {
			if _, old := before[id]; !old {
				return s.found(jobID, id)
			}
		}
		return s.ask(jobID, text, files)
	}
}

// known is the user's messages of the conversation, or else the conversations, each with its job.
func (s *session) known(jobID string) (map[string]string, error) {
	known := map[string]string{}
	if jobID == "" {
		ids, err := s.offsets()
		for _, id := range ids {
			known[id] = ""
		}
		return known, err
	}
	messages, err := s.timeline(jobID)
	for _, m := range messages {
		if m.Role == "user" {
			known[m.ID] = jobID
		}
	}
	return known, err
}

func (s *session) found(jobID, id string) (turn, error) {
	if jobID != "" {
		return turn{jobID, id}, nil
	}
	messages, err := s.timeline(id)
	for _, m := range messages {
		if m.Role == "user" {
			return turn{id, m.ID}, nil
		}
	}
	return turn{}, err
}

// streamAll holds no file and no timeline in memory: uploads go through pipes, side by side, and
// replies are unpacked and read message by message.
func streamAll(s *session) {
	plain := s.dress
	s.dress = func(header http.Header) {
		plain(header)
		header.Set("Accept-Encoding", "gzip")
	}
	s.upload = func(paths []string) ([]string, error) {
		ids, wrong := make([]string, len(paths)), make([]error, len(paths))
		var all sync.WaitGroup
		for i := range paths {
			all.Add(1)
			go func(i int) {
				defer all.Done()
				ids[i], wrong[i] = s.pipe(paths[i])
			}(i)
		}
		all.Wait()
		for _, err := range wrong {
			if err != nil {
				return nil, err
			}
		}
		return ids, nil
	}
	s.answer = func(t turn) (string, error) {
		for {
			var over bool
			var text string
			var failed error
			err := s.read(timelinePath(t.JobID), func(reply *http.Response) (err error) {
				messages, err := messagesOf(reply)
				if err == nil {
					over, text, failed = look(messages, t, "")
				}
				return err
			})
			if err != nil || over {
				return text, first(err, failed)
			}
			if err := s.pause(s.pollPause()); err != nil {
				return "", err
			}
		}
	}
	s.web.Transport = unpacking{http.DefaultTransport}
}

func first(one, other error) error {
	if one != nil {
		return one
	}
	return other
}

func (s *session) pipe(path string) (string, error) {
	reader, target := io.Pipe()
	defer reader.Close()
	writer := multipart.NewWriter(target)
	go func() { target.CloseWithError(pack(writer, path)) }()
	var file attachment
	err := s.send("POST", "/attachments", writer.FormDataContentType(), reader, into(&file))
	return file.ID, err
}

// unpacking does what net/http leaves to those who ask for gzip themselves.
type unpacking struct{ next http.RoundTripper }

func (u unpacking) RoundTrip(request *http.Request) (*http.Response, error) {
	reply, err := u.next.RoundTrip(request)
	if err != nil || reply.Header.Get("Content-Encoding") != "gzip" {
		return reply, err
	}
	unpacked, err := gzip.NewReader(reply.Body)
	if err != nil {
		reply.Body.Close()
		return nil, err
	}
	reply.Body = struct {
		io.Reader
		io.Closer
	}{unpacked, reply.Body}
	return reply, nil
}

// messagesOf reads token by token, and keeps of the progress nothing.
func messagesOf(reply *http.Response) (kept []message, err error) {
	decoder := json.NewDecoder(bufio.NewReader(reply.Body))
	if _, err := decoder.Token(); err != nil { // {
		return nil, err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		if name != "messages" {
			var skipped json.RawMessage
			if err := decoder.Decode(&skipped); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := decoder.Token(); err != nil { // [
			return nil, err
		}
		for decoder.More() {
			var m message
			if err := decoder.Decode(&m); err != nil {
				return nil, err
			}
			if m.Role != "progress" {
				kept = append(kept, m)
			}
		}
		if _, err := decoder.Token(); err != nil { // ]
			return nil, err
		}
	}
	_, err = decoder.Token() // }
	return kept, err
}

// nameById: slugs are for people. Its JSON is for people, too, and its header names are all small.
func nameById(s *session) {
	s.marshal = func(body any) ([]byte, error) { return json.MarshalIndent(body, "", "  ") }
	s.dress = func(header http.Header) {
		header["authorization"] = []string{"Bearer " + s.APIKey}
		header.Set("User-Agent", "by-id") // net/http knows only this spelling
		header["accept"] = []string{"application/json"}
	}
	rename := func() error {
		agents, err := get[[]struct {
			ID   string
			Slug string `json:"agent_id"`
		}](s, "/agents")
		for _, agent := range agents {
			if agent.Slug == s.AgentID {
				s.AgentID = agent.ID
			}
		}
		return err
	}
	s.prompt = func(jobID, text string, files []string) (turn, error) {
		if jobID == "" {
			if err := rename(); err != nil {
				return turn{}, err
			}
		}
		return s.ask(jobID, text, files)
	}
	s.list = func() ([]string, error) {
		ids := []string{}
		err := rename()
		for query := (url.Values{"limit": {"20"}}); err == nil; {
			var p page
			if p, err = get[page](s, s.conversationsPath(query)); err != nil {
				break
			}
			for _, one := range p.Conversations {
				ids = append(ids, one.ID)
			}
			if p.NextCursor == nil {
				break
			}
			query.Set("cursor", *p.NextCursor)
		}
		return ids, err
	}
}

type style struct {
	Name  string   `json:"name"`
	Rules []string `json:"rules"`
	Why   string   `json:"why"`
	dress func(*session)
}

var styles = []style{
	{"go/watches-the-timeline-in-a-goroutine", []string{},
		"A goroutine reads the timeline at each tick; single messages are never polled.", watchInAGoroutine},
	{"go/reads-message-and-timeline-each-round", []string{},
		"Each round it reads the message and then the timeline, after pauses that grow.", readBothEachRound},
	{"go/retries-in-its-transport", []string{},
		"A RoundTripper adds the key, and tries reads again with jitter.", retryInTheTransport},
	{"go/looks-before-it-posts-again", []string{},
		"When the reply to a prompt is lost, it looks whether the prompt arrived, and sends it again only if not.",
		lookFirst},
	{"go/streams-uploads-and-replies", []string{},
		"It uploads through pipes, in chunks and side by side, and reads packed timelines token by token.", streamAll},
	{"go/names-agents-by-id", []string{},
		"It looks up the agent's id, walks by cursor, writes indented JSON and small header names.", nameById},
}

func perform(dress func(*session), line []byte) object {
	j := job{PollMs: 2000, DeadlineMs: 60_000}
	if err := json.Unmarshal(line, &j); err != nil {
		return object{"outcome": "error", "error": object{"message": err.Error()}}
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(j.DeadlineMs)*time.Millisecond)
	defer stop()
	s := newSession(ctx, j)
	dress(s)
	result := object{"id": j.ID, "outcome": "completed"}
	var err error
	switch j.Op {
	case "converse", "continue":
		result["replies"], err = s.converse()
	case "messages":
		result["messages"], err = s.messages()
	case "conversations":
		result["conversations"], err = s.list()
	case "agents":
		result["agents"], err = s.agents()
	default:
		result["outcome"] = "unsupported"
	}
	if err != nil {
		result["outcome"], result["error"] = told(ctx, err)
	}
	return result
}

type object = map[string]any

func told(ctx context.Context, err error) (outcome string, text object) {
	var r refusal
	var f failure
	switch text = (object{"message": err.Error()}); {
	case errors.As(err, &f):
		return "failed", text
	case ctx.Err() != nil:
		return "timeout", text
	case errors.As(err, &r):
		text["status"] = r.status
	}
	return "error", text
}

func main() {
	out := json.NewEncoder(os.Stdout)
	name, mode := append(os.Args, "", "")[1], append(os.Args, "", "")[2]
	for _, one := range styles {
		switch {
		case name == "--list":
			out.Encode(one)
		case name != one.Name:
		case mode == "--stdio":
			for lines := bufio.NewReader(os.Stdin); ; {
				line, err := lines.ReadBytes('\n')
				if err != nil && len(line) == 0 {
					return
				}
				out.Encode(perform(one.dress, line))
			}
		default:
			out.Encode(perform(one.dress, []byte(os.Getenv("NAIRI_JOB"))))
			return
		}
	}
	if name != "--list" {
		fmt.Fprintln(os.Stderr, "usage: NAME [--stdio] | --list")
		os.Exit(2)
	}
}
