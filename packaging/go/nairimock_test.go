package nairimock

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const refunded = `Refunded cus_123 as asked: "Refund cus_123"`

func TestAskAnswersWhatTheAgentSays(t *testing.T) {
	fake := Start(t)
	said, err := fake.Ask("billing-agent", "Refund cus_123")
	expect(t, said, refunded)
	expect(t, err, nil)
}

func TestAskTellsWhyATurnFailed(t *testing.T) {
	_, err := Start(t).Ask("my-agent", "Please fail")
	contains(t, fmt.Sprint(err), "the turn failed:", "card declined")
}

func TestAskTellsWhatTheAPIRefused(t *testing.T) {
	_, err := Start(t).Ask("biling-agent", "Hello")
	contains(t, fmt.Sprint(err), "404", "agent not found", `did you mean "billing-agent"?`)
}

func TestAskGivesUpOnATurnThatNeverEnds(t *testing.T) {
	_, err := Start(t).Ask("sleepy-agent", "Hello")
	contains(t, fmt.Sprint(err), "the turn is still queued after 1000 polls")
}

func TestAskWaitsUnderEachClock(t *testing.T) {
	for _, options := range [][]Option{{Clock("virtual")}, {Clock("wall"), Args("--speed", "1000")}} {
		said, err := Start(t, options...).Ask("billing-agent", "Refund cus_123")
		expect(t, said, refunded)
		expect(t, err, nil)
	}
}

func TestParallelTestsNeverMeet(t *testing.T) {
	for i := 0; i < 8; i++ {
		prompt := fmt.Sprintf("Number %d", i)
		t.Run("parallel", func(t *testing.T) {
			t.Parallel()
			fake := Start(t)
			if _, err := fake.Ask("my-agent", prompt); err != nil {
				t.Fatal(err)
			}
			for _, seen := range fake.Journal() {
				if seen.Operation == "start" && !strings.Contains(seen.Body, prompt) {
					t.Errorf("%q sees another's prompt: %s", prompt, seen.Body)
				}
			}
		})
	}
}

func TestTestsWithTheSameOptionsShareAServer(t *testing.T) {
	one, other := Start(t), Start(t)
	expect(t, one.BaseURL, other.BaseURL)
	expect(t, one.APIKey == other.APIKey, false)
	if Start(t, Clock("virtual")).BaseURL == one.BaseURL {
		t.Error("another clock needs a server of its own")
	}
}

func TestATestHasTheSameKeyAndIdsEachTime(t *testing.T) {
	first := func() (key, ids string) {
		watched := watch(t, "TestOfSomebody/with a blank", func(t testing.TB) {
			fake := Start(t)
			fake.Ask("my-agent", "Hello")
			key, ids = fake.APIKey, fmt.Sprint(fake.Journal()[1].Target)
		})
		expect(t, watched.failed, false)
		return key, ids
	}
	key, ids := first()
	again, sameIds := first()
	expect(t, again, key)
	expect(t, sameIds, ids)
	contains(t, ids, "cmsg_")
}

func TestNamesThatLookAlikeHaveKeysOfTheirOwn(t *testing.T) {
	expect(t, keyOf("TestRefund"), "nr_TestRefund")
	expect(t, keyOf("a/b") == keyOf("a_b"), false)
	expect(t, keyOf(strings.Repeat("ä", 200)+"1") == keyOf(strings.Repeat("ä", 200)+"2"), false)
	expect(t, len(keyOf(strings.Repeat("x", 500))) < 100, true)
}

// ask again what was refused: a MUST of the rules forbids it.
func insist(fake *Fake) {
	for i := 0; i < 2; i++ {
		reply, err := fake.Client().Get(fake.BaseURL + "/messages/cmsg_01KP1G66P2HNMRKDTWG8WTSPD9")
		if err == nil {
			io.Copy(io.Discard, reply.Body)
			reply.Body.Close()
		}
	}
}

func TestABrokenRuleFailsTheTestWithTheEvidence(t *testing.T) {
	watched := watch(t, "TestInsists", func(t testing.TB) { insist(Start(t)) })
	expect(t, watched.failed, true)
	contains(t, watched.text, "MUST no-retry-on-4xx: a request was sent again",
		" GET /messages/cmsg_01KP1G66P2HNMRKDTWG8WTSPD9 → 404 (first #", "nairimock.Judge(nairimock.Off)",
		" GET /api/public/v1/messages/cmsg_01KP1G66P2HNMRKDTWG8WTSPD9 → 404 (the key's organization has")
}

func TestABrokenRuleOnlyWarnsOrIsIgnoredOnRequest(t *testing.T) {
	warned := watch(t, "TestWarned", func(t testing.TB) { insist(Start(t, Judge(Warn))) })
	expect(t, warned.failed, false)
	contains(t, warned.text, "no-retry-on-4xx")
	ignored := watch(t, "TestIgnored", func(t testing.TB) { insist(Start(t, Judge(Off))) })
	expect(t, ignored.failed, false)
	expect(t, ignored.text, "")
}

func TestAClientThatBehavesIsNotBlamed(t *testing.T) {
	watched := watch(t, "TestGood", func(t testing.TB) { Start(t).Ask("my-agent", "Hello") })
	expect(t, watched.failed, false)
	expect(t, watched.text, "")
}

func TestVerdictsAndJournalTellWhatTheClientDid(t *testing.T) {
	fake := Start(t, Judge(Off))
	insist(fake)
	outcomes := map[string]string{}
	for _, verdict := range fake.Verdicts() {
		outcomes[verdict.Rule] = verdict.Outcome
	}
	expect(t, outcomes["no-retry-on-4xx"], "broken")
	expect(t, outcomes["auth-on-every-call"], "kept")
	seen := fake.Journal()
	expect(t, len(seen), 2)
	expect(t, seen[0].Operation, "poll")
	expect(t, seen[0].Status, 404)
	contains(t, fmt.Sprint(seen[0].Headers), "{Authorization [redacted]}")
}

func TestAdvanceMovesTheVirtualClock(t *testing.T) {
	fake := Start(t, Clock("virtual"), Judge(Off))
	started := fetch(t, fake, "POST", "/conversations/start", `{"agent_id": "billing-agent", "prompt": "Refund"}`)
	message := "/messages/" + started[strings.Index(started, "cmsg_"):len(started)-2]
	contains(t, fetch(t, fake, "GET", message, ""), `"status":"queued"`)
	fake.Advance(time.Minute)
	contains(t, fetch(t, fake, "GET", message, ""), `"status":"completed"`)
}

func TestFaultsStrikeUntilAReset(t *testing.T) {
	fake := Start(t)
	fake.Faults(`{"at": "agents", "do": {"status": 503}}`)
	expect(t, status(t, fake, "/agents"), 503)
	fake.Reset()
	expect(t, status(t, fake, "/agents"), 200)
}

func TestAHeldReplyComesWhenItIsReleased(t *testing.T) {
	fake := Start(t)
	fake.Faults(`{"at": "agents", "do": {"hold": "list", "status": 503}}`)
	answer := make(chan int)
	go func() {
		reply, err := fake.Client().Get(fake.BaseURL + "/agents")
		if err != nil {
			answer <- 0
			return
		}
		reply.Body.Close()
		answer <- reply.StatusCode
	}()
	for len(fake.Held()) == 0 {
	}
	expect(t, fake.Held()[0], "list")
	expect(t, fake.Release("list"), 1)
	expect(t, <-answer, 503)
	expect(t, len(fake.Held()), 0)
}

func TestARevokedKeyIsRefused(t *testing.T) {
	fake := Start(t)
	fake.Revoke()
	expect(t, status(t, fake, "/agents"), 401)
}

func TestTheClientKeepsAKeyThatARequestHas(t *testing.T) {
	fake := Start(t)
	request, err := http.NewRequest("GET", fake.BaseURL+"/agents", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+fake.States["revoked_api_key"])
	reply, err := fake.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	expect(t, reply.StatusCode, 401)
	expect(t, len(fake.Journal()), 0)
}

func TestAddJobMakesAConversation(t *testing.T) {
	fake := Start(t)
	job := fake.AddJob(`{"agent_id": "my-agent", "origin": "slack"}`)
	expect(t, status(t, fake, "/conversations/"+job+"/messages"), 200)
}

func TestStatesNameWhatTheWorldHolds(t *testing.T) {
	fake := Start(t)
	contains(t, fetch(t, fake, "POST", "/conversations/"+fake.States["slack_job"]+"/continue",
		`{"prompt": "Hello"}`), "job is not an API job")
}

const ownWorld = `{"agents": [{"agent_id": "ops", "name": "Ops"}],
  "turns": [{"timeline": [{"status": "completed", "reply": "Done: {{prompt}}"}]}]}`

func TestWorldTextIsOfOneTestAlone(t *testing.T) {
	said, err := Start(t, WorldText(ownWorld)).Ask("ops", "restart")
	expect(t, said, "Done: restart")
	expect(t, err, nil)
	if _, err := Start(t).Ask("ops", "restart"); err == nil {
		t.Error("another key has that world, too")
	}
}

func TestAWorldTextIsForgottenWithItsTest(t *testing.T) {
	for _, options := range [][]Option{{WorldText(ownWorld)}, nil} {
		watch(t, "TestAgain", func(watched testing.TB) {
			_, err := Start(watched, options...).Ask("ops", "restart")
			expect(t, err == nil, options != nil)
		})
	}
}

func TestWorldsAreFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ops.json")
	if err := os.WriteFile(file, []byte(ownWorld), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := Start(t, World(file, "builtin:daemon")).Ask("ops", "restart")
	expect(t, said, "Done: restart")
	expect(t, err, nil)
}

func TestABadWorldSaysWhatIsWrongWithIt(t *testing.T) {
	text := watch(t, "TestText", func(t testing.TB) { Start(t, WorldText(`{"turs": []}`)) })
	expect(t, text.failed, true)
	contains(t, text.text, `unknown key "turs"; did you mean "turns"?`)
	file := watch(t, "TestFile", func(t testing.TB) { Start(t, World("nowhere.json")) })
	expect(t, file.failed, true)
	contains(t, file.text, "did not start: exit status 2", "nowhere.json")
}

func TestTLSIsTrustedByTheClient(t *testing.T) {
	fake := Start(t, TLS())
	contains(t, fake.BaseURL, "https://")
	said, err := fake.Ask("billing-agent", "Refund cus_123")
	expect(t, said, refunded)
	expect(t, err, nil)
}

func TestAProgramThatIsNotThereIsExplained(t *testing.T) {
	t.Setenv("NAIRI_MOCK", "/nowhere/nairi-mock")
	named := watch(t, "TestNamed", func(t testing.TB) { Start(t) })
	contains(t, named.text, "NAIRI_MOCK names no program", "/nowhere/nairi-mock")
	t.Setenv("NAIRI_MOCK", "")
	t.Setenv("PATH", t.TempDir())
	absent := watch(t, "TestAbsent", func(t testing.TB) { Start(t) })
	expect(t, absent.failed, true)
	contains(t, absent.text, "no program nairi-mock in the folders of PATH", "NAIRI_MOCK", "tar.gz")
}

// The child is this test program again. Both it and the server hold the pipe's other end: that ends
// when both have.
func TestTheServerEndsWithAProcessThatIsKilled(t *testing.T) {
	if os.Getenv("NAIRIMOCK_CHILD") != "" {
		fmt.Println(Start(t).BaseURL)
		select {}
	}
	ends, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestTheServerEndsWithAProcessThatIsKilled$")
	child.Env = append(os.Environ(), "NAIRIMOCK_CHILD=1")
	child.ExtraFiles = []*os.File{held}
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	held.Close()
	url := make([]byte, 200)
	n, err := said.Read(url)
	expect(t, err, nil)
	address := strings.TrimSpace(string(url[:n]))
	if reply, err := http.Get(address + "/agents"); err != nil {
		t.Errorf("it does not serve yet: %v", err)
	} else {
		reply.Body.Close()
	}
	child.Process.Kill()
	child.Wait()
	io.Copy(io.Discard, ends)
	if reply, err := http.Get(address + "/agents"); err == nil {
		reply.Body.Close()
		t.Error("it still serves")
	}
}

// watched is a test that may fail without failing this one.
type watched struct {
	testing.TB
	name     string
	failed   bool
	text     string
	cleanups []func()
}

func (w *watched) Name() string     { return w.name }
func (w *watched) Helper()          {}
func (w *watched) Failed() bool     { return w.failed }
func (w *watched) Cleanup(f func()) { w.cleanups = append(w.cleanups, f) }

func (w *watched) Logf(format string, values ...any) { w.text += fmt.Sprintf(format, values...) }

func (w *watched) Errorf(format string, values ...any) {
	w.Logf(format, values...)
	w.failed = true
}

func (w *watched) Fatalf(format string, values ...any) {
	w.Errorf(format, values...)
	runtime.Goexit()
}

func watch(t *testing.T, name string, test func(testing.TB)) *watched {
	one := &watched{TB: t, name: name}
	apart(func() { test(one) })
	for i := len(one.cleanups) - 1; i >= 0; i-- {
		apart(one.cleanups[i])
	}
	return one
}

// apart runs what may end its goroutine.
func apart(f func()) {
	ended := make(chan bool)
	go func() {
		defer close(ended)
		f()
	}()
	<-ended
}

func fetch(t *testing.T, fake *Fake, method, path, body string) string {
	t.Helper()
	request, err := http.NewRequest(method, fake.BaseURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	reply, err := fake.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func status(t *testing.T, fake *Fake, path string) int {
	t.Helper()
	reply, err := fake.Client().Get(fake.BaseURL + path)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	return reply.StatusCode
}

func expect(t *testing.T, got, wanted any) {
	t.Helper()
	if got != wanted {
		t.Errorf("expected %v, got %v", wanted, got)
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("expected %q in:\n%s", part, text)
		}
	}
}
