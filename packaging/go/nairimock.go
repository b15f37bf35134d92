// Package nairimock gives each Go test a fake of Nairi's Conversations API of its own:
//
//	fake := nairimock.Start(t)
//	client := billing.NewClient(fake.BaseURL, fake.APIKey) // yours
//	… // at the test's end, what the client did wrong fails the test
//
// The first Start of a test process starts the program nairi-mock on a free port of 127.0.0.1. All
// its tests share it, parallel ones too, and never meet: each has a key of its own, and every key
// has its own copy of the world. The program ends when the test process ends, however that happens.
//
// It is looked for where the variable NAIRI_MOCK says, else in PATH. This package needs no other.
package nairimock

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fake is what one test has: an address, and a key that no other test uses. Its methods may be
// called from any goroutine; as they end the test with Fatalf when nairi-mock can't be reached or
// refuses what it is told, call them from the test's own.
type Fake struct {
	BaseURL    string            // with the API's prefix: http://127.0.0.1:40123/api/public/v1
	APIKey     string            // of this test alone
	ControlURL string            // the control API (docs/control.md), for what has no method here
	CAFile     string            // with TLS alone: the certificate to trust
	States     map[string]string // what the world holds, by name, such as "slack_job"

	t      testing.TB
	judge  Judgement
	client *http.Client
}

// Exchange is an entry of the journal: a request of this test's client, and what it was answered.
type Exchange struct {
	Number    int
	Operation string // "start", "poll" …; empty when no route fits
	Method    string
	Target    string
	Headers   []Header // credentials are "[redacted]"
	Body      string   // its first 4 KiB
	Status    int      // 0 when nothing was answered
	Fault     string   // what the fake did wrong on purpose
	Hint      string   // what an error says to people
	Refused   string   // why it never came to the API
}

// Header is one header of a request.
type Header struct{ Name, Value string }

// Verdict says how the client kept one rule (docs/rules.md).
type Verdict struct {
	Rule     string
	Level    string // "MUST", "SHOULD" or "INFO"
	Outcome  string // "kept", "broken", "not_seen", "not_judged" or "measured"
	Sentence string
	Page     string
	Evidence []Evidence
}

// Evidence is an exchange of the journal that proves a verdict.
type Evidence struct {
	Number   int
	Exchange string
}

// Judgement is what becomes of a broken MUST at the end of a test.
type Judgement int

const (
	Fail Judgement = iota // fails the test, with the requests that prove it
	Warn                  // is only logged
	Off                   // nobody looks
)

// Option changes what Start starts.
type Option func(*settings)

type settings struct {
	arguments []string
	world     string
	key       string
	judge     Judgement
}

// World plays world files (docs/worlds.md) instead of the built-in world: paths from the folder of
// the test, or "builtin:NAME".
func World(files ...string) Option {
	return func(s *settings) {
		for _, file := range files {
			s.arguments = append(s.arguments, "--world", file)
		}
	}
}

// WorldText plays the text of a world file, for this test alone. It can't have attachments.
func WorldText(text string) Option { return func(s *settings) { s.world = text } }

// Clock says what makes a turn go on: "poll" (the default: reads), "virtual" (Advance), "wall".
func Clock(name string) Option { return Args("--clock", name) }

// TLS serves HTTPS. Fake.CAFile is to be trusted, and Fake.Client does so.
func TLS() Option { return Args("--tls") }

// Args gives nairi-mock further options of its own, such as "--mutate", "additive". Tests with the
// same options share a server.
func Args(arguments ...string) Option {
	return func(s *settings) { s.arguments = append(s.arguments, arguments...) }
}

// Key takes this key instead of one made from the test's name. Two tests that run at the same time
// must not have the same.
func Key(key string) Option { return func(s *settings) { s.key = key } }

// Judge says what a broken MUST does at the end; without it, it is Fail.
func Judge(judgement Judgement) Option { return func(s *settings) { s.judge = judgement } }

// Start answers a fake for this test, and has its client judged at the test's end. It ends the test
// if nairi-mock is not there, or refuses an option. It may be called again: each time gives another
// key.
func Start(t testing.TB, options ...Option) *Fake {
	t.Helper()
	var chosen settings
	for _, option := range options {
		option(&chosen)
	}
	server, err := serverOf(chosen.arguments)
	if err != nil {
		t.Fatalf("nairimock: %v", err)
	}
	key, release := takeKey(t.Name(), chosen.key)
	t.Cleanup(release)
	fake := &Fake{
		BaseURL: server.BaseURL, APIKey: key, ControlURL: server.ControlURL, CAFile: server.CAFile,
		States: server.States, t: t, judge: chosen.judge,
		client: &http.Client{Transport: &withKey{key, server.transport()}},
	}
	t.Cleanup(fake.finish)
	if chosen.world != "" {
		fake.control("PUT", "/world", chosen.world, nil)
	}
	return fake
}

// Client answers an HTTP client that sends the key, trusts the fake, and uses no proxy. Code that
// sets its own Authorization header keeps it.
func (f *Fake) Client() *http.Client { return f.client }

// Ask holds a conversation of one turn by a small client of this package, and answers what the
// agent said, or an error that says why the turn failed. It shows that the fake is there, and makes
// a conversation that your client can then read.
func (f *Fake) Ask(agent, prompt string) (string, error) {
	body, err := json.Marshal(map[string]string{"agent_id": agent, "prompt": prompt})
	if err != nil {
		return "", err
	}
	var turn struct {
		JobID     string `json:"job_id"`
		MessageID string `json:"message_id"`
	}
	if err := f.call("POST", f.BaseURL+"/conversations/start", string(body), &turn); err != nil {
		return "", err
	}
	status := ""
	for polls := 0; status != "completed" && status != "failed"; polls++ {
		var message struct{ Status string }
		if err := f.call("GET", f.BaseURL+"/messages/"+turn.MessageID, "", &message); err != nil {
			return "", err
		}
		status = message.Status
		if status != "queued" && status != "pending" {
			continue
		}
		if clock := f.pause(); clock == "poll" && polls >= 1000 {
			return "", fmt.Errorf("the turn is still %s after %d polls: does it ever end?", status, polls)
		}
	}
	return f.said(turn.JobID, status)
}

// said answers the text of the assistant or, of a turn that failed, of the system.
func (f *Fake) said(job, status string) (string, error) {
	var timeline struct {
		Messages []struct{ Role, Content string }
	}
	path := "/conversations/" + job + "/messages"
	if err := f.call("GET", f.BaseURL+path, "", &timeline); err != nil {
		return "", err
	}
	last := map[string]string{}
	for _, message := range timeline.Messages {
		last[message.Role] = message.Content
	}
	if status == "failed" {
		return "", fmt.Errorf("the turn failed: %s", last["system"])
	}
	return last["assistant"], nil
}

// pause lets a turn go on, whatever the clock, which it answers.
func (f *Fake) pause() string {
	var health struct{ Clock string }
	f.control("GET", "/health", "", &health)
	switch health.Clock {
	case "virtual":
		f.Advance(time.Second)
	case "wall":
		time.Sleep(10 * time.Millisecond)
	}
	return health.Clock
}

// Advance moves the virtual clock of this test (Clock("virtual")).
func (f *Fake) Advance(by time.Duration) {
	f.t.Helper()
	f.control("POST", "/clock", fmt.Sprintf(`{"advance_ms": %d}`, by.Milliseconds()), nil)
}

// Faults lets things go wrong from now on: one fault of a world file, or a list of them
// (docs/worlds.md), such as {"at": "poll#2", "do": {"status": 503, "retry_after_s": 1}}.
func (f *Fake) Faults(text string) {
	f.t.Helper()
	f.control("POST", "/faults", text, nil)
}

// Held answers the names of the replies that faults hold now, such as {"hold": "list"}.
func (f *Fake) Held() []string {
	f.t.Helper()
	var answer struct{ Held []struct{ Name string } }
	f.control("GET", "/held", "", &answer)
	var names []string
	for _, one := range answer.Held {
		names = append(names, one.Name)
	}
	return names
}

// Release lets go of the replies that are held by that name, and answers how many. That none is,
// fails the test.
func (f *Fake) Release(name string) int {
	f.t.Helper()
	text, _ := json.Marshal(map[string]string{"name": name})
	var answer struct{ Released int }
	f.control("POST", "/release", string(text), &answer)
	return answer.Released
}

// AddJob makes a conversation, of any origin: an entry of a world file's "jobs". It answers its id.
func (f *Fake) AddJob(text string) string {
	f.t.Helper()
	var made struct {
		JobID string `json:"job_id"`
	}
	f.control("POST", "/jobs", text, &made)
	return made.JobID
}

// Revoke makes the API refuse this test's key from now on.
func (f *Fake) Revoke() {
	f.t.Helper()
	f.control("POST", "/revoke", "", nil)
}

// Reset forgets all that happened to this test's key, faults and journal included.
func (f *Fake) Reset() {
	f.t.Helper()
	f.control("POST", "/reset", "", nil)
}

// Journal answers what this test's client sent, oldest first.
func (f *Fake) Journal() []Exchange {
	f.t.Helper()
	var journal struct{ Entries []Exchange }
	f.control("GET", "/journal", "", &journal)
	return journal.Entries
}

// Verdicts answers how this test's client has kept the rules so far.
func (f *Fake) Verdicts() []Verdict {
	f.t.Helper()
	var judged struct{ Verdicts []Verdict }
	f.control("GET", "/verdicts", "", &judged)
	return judged.Verdicts
}

func (f *Fake) finish() {
	defer f.client.CloseIdleConnections()
	if broken := f.broken(); broken != "" && f.judge == Fail {
		f.t.Errorf("nairimock: the client broke a rule; a test that does so on purpose says "+
			"nairimock.Judge(nairimock.Off)\n%s", broken)
	} else if broken != "" {
		f.t.Logf("nairimock: the client broke a rule\n%s", broken)
	}
	if f.t.Failed() {
		f.t.Logf("nairimock: what the fake saw of %s\n%s", f.APIKey, f.seen())
	}
	f.control("DELETE", "/world", "", nil) // resets, and forgets a WorldText
}

// broken tells of each MUST that was broken, with its evidence.
func (f *Fake) broken() string {
	if f.judge == Off {
		return ""
	}
	var text strings.Builder
	for _, verdict := range f.Verdicts() {
		if verdict.Level != "MUST" || verdict.Outcome != "broken" {
			continue
		}
		fmt.Fprintf(&text, "  MUST %s: %s (%s)\n", verdict.Rule, verdict.Sentence, verdict.Page)
		for _, proof := range verdict.Evidence {
			fmt.Fprintf(&text, "    #%d %s\n", proof.Number, proof.Exchange)
		}
	}
	return text.String()
}

func (f *Fake) seen() string {
	var text strings.Builder
	for _, one := range f.Journal() {
		fmt.Fprintf(&text, "  #%d %s %s → %d", one.Number, one.Method, one.Target, one.Status)
		for _, remark := range []string{one.Fault, one.Hint, one.Refused} {
			if remark != "" {
				fmt.Fprintf(&text, " (%s)", remark)
			}
		}
		fmt.Fprintln(&text)
	}
	if text.Len() == 0 {
		return "  no request"
	}
	return text.String()
}

// control calls the control API, and ends the test if that refuses.
func (f *Fake) control(method, path, body string, result any) {
	f.t.Helper()
	if err := f.call(method, f.ControlURL+path, body, result); err != nil {
		f.t.Fatalf("nairimock: %v", err)
	}
}

// call reads the answer into result, unless that is nil.
func (f *Fake) call(method, url, body string, result any) error {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("User-Agent", "nairimock")
	reply, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if reply.StatusCode/100 != 2 {
		return refusal(method+" "+url, reply, text)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(text, result)
}

// refusal is an error that says what the fake says.
func refusal(call string, reply *http.Response, text []byte) error {
	var said struct{ Error string }
	if json.Unmarshal(text, &said) != nil || said.Error == "" {
		said.Error = string(text)
	}
	if hint := reply.Header.Get("X-Mock-Hint"); hint != "" {
		said.Error += " (" + hint + ")"
	}
	return fmt.Errorf("%s: %d %s", call, reply.StatusCode, said.Error)
}

// withKey sends the key with each request that has no other.
type withKey struct {
	key  string
	next *http.Transport
}

func (w *withKey) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Authorization") == "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", "Bearer "+w.key)
	}
	return w.next.RoundTrip(request)
}

func (w *withKey) CloseIdleConnections() { w.next.CloseIdleConnections() }

// The keys that running tests have. One that has ended gives its key back, so that a test has the
// same key, and so the same ids and times, whenever it runs.
var keys = struct {
	sync.Mutex
	taken map[string]bool
}{taken: map[string]bool{}}

func takeKey(test, wanted string) (key string, release func()) {
	if wanted != "" {
		return wanted, func() {}
	}
	keys.Lock()
	defer keys.Unlock()
	key = keyOf(test)
	for number := 2; keys.taken[key]; number++ {
		key = fmt.Sprintf("%s-%d", keyOf(test), number)
	}
	keys.taken[key] = true
	return key, func() {
		keys.Lock()
		defer keys.Unlock()
		delete(keys.taken, key)
	}
}

var notOfKeys = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// keyOf makes a name fit for a header. Names that look the same then differ by their hash.
func keyOf(test string) string {
	plain := notOfKeys.ReplaceAllString(test, "_")
	if len(plain) > 80 {
		plain = plain[:80]
	}
	if plain != test {
		hash := fnv.New32a()
		io.WriteString(hash, test)
		plain = fmt.Sprintf("%s_%08x", plain, hash.Sum32())
	}
	return "nr_" + plain
}

// server is a nairi-mock of this process, as its ready line tells.
type server struct {
	BaseURL    string            `json:"base_url"`
	ControlURL string            `json:"control_url"`
	CAFile     string            `json:"ca_file"`
	States     map[string]string `json:"states"`

	trusted *x509.CertPool
	started sync.Once
	err     error
}

// The servers of this process, by their options.
var servers = struct {
	sync.Mutex
	byOptions map[string]*server
}{byOptions: map[string]*server{}}

func serverOf(arguments []string) (*server, error) {
	program, err := find()
	if err != nil {
		return nil, err
	}
	name := strings.Join(append([]string{program}, arguments...), "\x00")
	servers.Lock()
	one := servers.byOptions[name]
	if one == nil {
		one = new(server)
		servers.byOptions[name] = one
	}
	servers.Unlock()
	one.started.Do(func() { one.err = one.start(program, arguments) })
	return one, one.err
}

// find answers the program nairi-mock.
func find() (string, error) {
	if named := os.Getenv("NAIRI_MOCK"); named != "" {
		program, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("NAIRI_MOCK names no program: %w", err)
		}
		return program, nil
	}
	program, err := exec.LookPath("nairi-mock")
	if err != nil {
		return "", errors.New("there is no program nairi-mock in the folders of PATH. " +
			"Unpack the tar.gz of a release, or build it, and put its folder into PATH, " +
			"or its path into the variable NAIRI_MOCK (docs/install.md)")
	}
	return program, nil
}

// start runs the program until it says where it listens. It looks ten times a second whether this
// process still lives.
func (s *server) start(program string, arguments []string) error {
	command := exec.Command(program, append([]string{"serve", "--port", "0", "--with-parent",
		"--log", "none", "--judge", "warn"}, arguments...)...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		ended := command.Wait()
		return fmt.Errorf("%s did not start: %v\n%s", command, ended, complaint.String())
	}
	if err := json.Unmarshal(line, s); err != nil {
		return fmt.Errorf("%s: expected its ready line, got %q: %w", command, line, err)
	}
	go command.Wait()
	return s.trust()
}

func (s *server) trust() error {
	if s.CAFile == "" {
		return nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return err
	}
	s.trusted = x509.NewCertPool()
	if !s.trusted.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s holds no certificate", s.CAFile)
	}
	return nil
}

// transport goes straight to the fake: proxies of the environment are for others.
func (s *server) transport() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.trusted}}
}
