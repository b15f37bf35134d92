// Follows a fake that runs: what it saw, by a long poll, and what it can be told to do.
"use strict";

const SINCE_START = "Since the server was started";
const WAIT_MS = 20000;
const SOON_MS = 500;
const REST_MS = 200;
const REPORTS_MS = 1000;
const RETRIES_MS = [250, 500, 1000, 2000, 5000];

/** The address's token goes where no link and no log has it. @returns {string} */
function takeToken() {
  const state = new URLSearchParams(location.hash.slice(1));
  const given = state.get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    state.delete("token");
    history.replaceState(null, "", `#${state}`);
  }
  return sessionStorage.getItem("token") ?? "";
}

/** @typedef {{[name: string]: string | number}} Query */
/** @type {Query} */
const ALL = {
  all: "true"
};

/** An answer that is no success. */
class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The control API, for who has the token. */
class Control {
  constructor() {
    this.token = takeToken();
  }

  /**
   * @param {string} method
   * @param {string} path      below /__mock/
   * @param {Query} query
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async call(method, path, query, body = undefined) {
    const parameters =
        new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const reply = await fetch(`${path}?${parameters}`, {
      method,
      headers: {Authorization: `Bearer ${this.token}`},
      cache: "no-store",
      ...(body === undefined ? {} : {body: JSON.stringify(body)})
    });
    const answer = jsonOf(await reply.text());
    if (!reply.ok)
      throw new Refusal(reply.status, text(answer?.error) || `the fake answered ${reply.status}`);
    return answer;
  }
}

/** What the page shows follows the fake, and what stands unchanged is left alone. */
class Live {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.control = new Control();
    this.panel = new Panel(this);
    page.askFake = (lane) => this.ask(lane);
    page.data.root = location.origin + page.data.root;
    this.run = page.addRun(runOf({name: SINCE_START}));
    this.after = 0;
    /** @type {number | undefined} the moment from which times count */
    this.first = undefined;
    this.isDirty = false;
    this.instance = "";
    this.isJudged = true;
    /** @type {number | undefined} the timer of the next reports */
    this.reports = undefined;
    addEventListener("hashchange", () => {
      this.control.token = takeToken();  // first: what is shown becomes the address
      page.restore();
    });
  }

  start() {
    this.page.showAbout();
    this.page.restore();
    this.panel.show();
    this.follow();
  }

  /** Until the page is left. */
  async follow() {
    for (let failures = 0;;) {
      try {
        const answer = await this.control.call("GET", "journal", this.question());
        if (failures) this.panel.tell("Following again.");
        failures = 0;
        this.take(answer);
        // A rest, as more may come at once; and where nobody can be kept waiting, nothing does.
        if (!answer.more) await pause(array(answer.entries).length ? REST_MS : SOON_MS);
      } catch (error) {
        this.panel.tell(lossInWords(error), true);
        await pause(RETRIES_MS[Math.min(failures++, RETRIES_MS.length - 1)]);
      }
    }
  }

  /** @returns {Query} */
  question() {
    const question = {...ALL, after: this.after};
    return this.instance ? {...question, instance: this.instance, wait_ms: WAIT_MS} : question;
  }

  /** @param {any} answer  of the journal */
  take(answer) {
    const before = this.instance;
    this.instance = text(answer.instance);
    const isOther = before !== "" && before !== this.instance;
    if (isOther || number(answer.last) < this.after)
      return this.begin(serverOf(before) !== serverOf(this.instance));
    const entries = array(answer.entries);
    this.first ??= entries.length ? number(entries[0].received_us) : undefined;
    for (const exchange of exchangesOfJournal(entries, this.first)) this.add(exchange);
    this.after = number(answer.last);
    this.page.isWhole = answer.more !== true && this.run.run.book.exchanges.length > 0;
    this.panel.showDropped(number(answer.dropped));
    if (entries.length || !before) this.refresh();
  }

  /** @param {boolean} isNew  the server, and not only its journal */
  begin(isNew) {
    this.after = 0;
    this.first = undefined;
    this.page.isWhole = false;
    const {opened} = this.page;
    this.run.replace(runOf({name: SINCE_START}));
    this.page.close();
    this.panel.tell(
        (isNew ? "The server was started anew: this is what the new one saw." :
                 "A key was reset, or all were: this is what the journal holds.") +
        (opened ? ` #${opened.number} of before was closed.` : ""));
    this.isJudged = true;
    this.refresh();
  }

  /** @param {Exchange} exchange */
  add(exchange) {
    this.run.run.book.add(exchange);
    this.page.offer(exchange);
  }

  /** Shows what came, not more often than anybody can see. */
  refresh() {
    if (this.isDirty) return;
    this.isDirty = true;
    setTimeout(() => {
      this.isDirty = false;
      this.page.show(false);
      this.page.goToWanted();
      this.askReports();
    }, REST_MS);
  }

  /** Asks for what is made of the exchanges, once in a while. */
  askReports() {
    this.reports ??= setTimeout(async () => {
      await this.readReports();
      this.reports = undefined;
      if (byId("held").children.length) this.askReports();  // somebody else may release it
    }, REPORTS_MS);
  }

  async readReports() {
    await this.read("unmatched", ALL, (answer) => this.run.setUnmatched(unmatchedOf(answer)));
    if (this.isJudged)
      await this.read("verdicts", ALL, (answer) => this.run.setVerdicts(verdictsOf(answer)));
    await this.panel.read();
  }

  /** Asks for all of a conversation's messages, seen by the client or not. @param {Lane} lane */
  async ask({id, key}) {
    await this.attempt(async () => {
      const query = {organization: key.replace(/\D/g, ""), job: id, messages: "true"};
      this.run.run.book.learnState(await this.control.call("GET", "state", query));
      this.refresh();
    });
  }

  /** Says why, if it does not go well. @param {() => Promise<void>} what */
  async attempt(what) {
    try {
      await what();
    } catch (error) {
      this.page.say(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {string} path @param {Query} query @param {(answer: any) => void} use */
  async read(path, query, use) {
    try {
      use(await this.control.call("GET", path, query));
    } catch (error) {
      if (!(error instanceof Refusal))
        this.panel.tell(lossInWords(error), true);
      else if (path === "verdicts")
        this.isJudged = false;
    }
  }
}

/**
 * A journal's instance names its server, and behind a dot how often it was emptied.
 * @param {string} instance
 * @returns {string}
 */
function serverOf(instance) {
  return instance.slice(0, instance.lastIndexOf("."));
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {unknown} error @returns {string} */
function lossInWords(error) {
  if (!(error instanceof Refusal))
    return "The connection to the server is lost; the page tries again.";
  if (error.status !== 401 && error.status !== 403)
    return `${error.message}; the page tries again.`;
  return "The server does not know this page's token: open the address that it printed.";
}

// -------------------------------------------------------------------------------------- the panel

/** What docs/worlds.md lists, each as an example to be changed, with what it is called first. */
const FAULT_EXAMPLES = [
  {status: 503, retry_after_s: 1},
  {delay_ms: 2000},
  {hold: "my-reply"},
  {reset_after_bytes: 17},
  {truncate_after_bytes: 20},
  {empty_response: true},
  {malformed_json: true},
  {body: "<html>Bad gateway</html>", status: 502},
  {redirect_to: "http://127.0.0.1:4748"},
  {drip_bytes_per_s: 100},
  {encode: "chunked"},
];

/** Where the fake is told what to do. */
class Panel {
  /** @param {Live} live */
  constructor(live) {
    this.live = live;
    this.status = make("p", {id: "live-status", role: "status"}, "Asking the server…");
    this.dropped = make("p", {class: "note"});
    this.clock = make("p", {id: "clock"});
    this.held = make("ul", {id: "held"});
    this.faults = make("ul", {id: "faults"});
    this.noKey = make(
        "p", {class: "note"},
        "Each key has its own clock and faults: they are steered here from its first call on.");
    this.keys = make("select", {id: "live-key"});
    this.advance =
        make("input", {id: "advance", type: "number", min: 1, value: 2000, required: true});
    this.fault = make("textarea", {id: "fault", rows: 2, spellcheck: "false"});
    this.kinds = make(
        "select", {id: "fault-kind"},
        ...FAULT_EXAMPLES.map((one) => make("option", {}, Object.keys(one)[0])));
    this.mover = make(
        "form", {id: "mover"}, make("label", {}, "Move the clock by ", this.advance, " ms"),
        make("button", {}, "Move"));
  }

  show() {
    const steering = make(
        "details", {id: "steering"}, make("summary", {}, "Steer the fake"), this.noKey,
        make(
            "div", {id: "of-key"},
            make(
                "form", {}, make("label", {}, "Key ", this.keys),
                button(
                    "Reset this key",
                    () => this.act("POST", "reset", undefined, "The key was reset.")),
                button(
                    "Reset all",
                    () => this.act("POST", "reset", undefined, "All keys were reset.", ALL))),
            this.clock, this.mover, make("h3", {}, "Faults"), this.faults,
            make(
                "form", {id: "adder"}, make("label", {}, "Example ", this.kinds),
                make("label", {id: "fault-label"}, "A fault as in a world file", this.fault),
                make("button", {id: "add-fault"}, "Add the fault"))));
    byId("live").replaceChildren(
        make("h2", {id: "live-title"}, "Live"), this.status, this.dropped,
        make("h3", {id: "held-title", hidden: true}, "Held replies"), this.held, steering);
    byId("live").hidden = false;
    this.kinds.addEventListener("change", () => this.showExample());
    this.keys.addEventListener("change", () => this.read());
    byId("mover").addEventListener("submit", () => this.move());
    byId("adder").addEventListener("submit", () => this.addFault());
    for (const form of steering.querySelectorAll("form"))
      form.addEventListener("submit", (event) => event.preventDefault());
    this.showExample();
    this.showKeys([]);
  }

  showExample() {
    const {selectedIndex} = /** @type {HTMLSelectElement} */ (this.kinds);
    /** @type {HTMLTextAreaElement} */ (this.fault).value =
        JSON.stringify({at: "poll", times: 1, do: FAULT_EXAMPLES[selectedIndex]});
  }

  /** @param {string} message @param {boolean} [isLoss] */
  tell(message, isLoss = false) {
    if (this.status.textContent === message) return;
    this.status.textContent = message;
    this.status.className = isLoss ? "lost" : "";
  }

  /** @param {number} dropped */
  showDropped(dropped) {
    if (!this.status.className && this.status.textContent === "Asking the server…")
      this.tell("Following: what is called appears here.");
    this.dropped.textContent =
        dropped ? `${count(dropped, "exchange")} made room in the journal and are not here.` : "";
  }

  /** Which key is meant. @returns {Query} */
  get scope() {
    return {organization: /** @type {HTMLSelectElement} */ (this.keys).value};
  }

  /**
   * Tells the fake to do something, and the page what came of it.
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {string} done
   * @param {Query} [query]
   * @param {() => Promise<string>} [more]  to say, once it is done
   */
  async act(method, path, body, done, query = this.scope, more = async () => "") {
    await this.live.attempt(async () => {
      await this.live.control.call(method, path, query, body);
      this.live.page.say(done + await more());
    });
    await this.live.readReports();
  }

  async move() {
    const ms = Number(/** @type {HTMLInputElement} */ (this.advance).value);
    await this.act("POST", "clock", {advance_ms: ms}, `The clock was moved by ${duration(ms)}.`);
  }

  async addFault() {
    const fault = jsonOf(/** @type {HTMLTextAreaElement} */ (this.fault).value);
    if (fault === undefined) return this.live.page.say("The fault is no JSON.");
    const given = [fault].flat().length;
    if (!given) return this.live.page.say("There is no fault in it.");
    await this.act("POST", "faults", fault, "The fault was added.", this.scope, async () => {
      const {faults} = await this.live.control.call("GET", "state", this.scope);
      const isOver = array(faults).slice(-given).some(({spent, struck}) => spent && !struck);
      return isOver ? " It is over: calls are counted from the key's first." : "";
    });
  }

  /** What the fake says of itself. */
  async read() {
    await this.live.read(
        "organizations", ALL, (answer) => this.showKeys(array(answer.organizations)));
    if (!this.noKey.hidden) return;
    await this.live.read("state", this.scope, (answer) => this.showState(answer));
    await this.live.read("held", ALL, (answer) => this.showHeld(array(answer.held)));
  }

  /** @param {any[]} organizations */
  showKeys(organizations) {
    const select = /** @type {HTMLSelectElement} */ (this.keys);
    const names = organizations.map((one) => String(number(one.organization)));
    this.noKey.hidden = names.length > 0;
    byId("of-key").hidden = !names.length;
    if (JSON.stringify(Array.from(select.options, ({value}) => value)) === JSON.stringify(names))
      return;
    const {value} = select;
    select.replaceChildren(
        ...names.map((name) => make("option", {value: name}, `organization ${name}`)));
    select.value = names.includes(value) ? value : names[names.length - 1] ?? "";
  }

  /** @param {any} state */
  showState({clock, now, faults}) {
    this.clock.textContent = `Clock: ${text(clock)}, ${text(now)}${
        clock === "virtual" ? "" : "; only a virtual clock is moved by hand (--clock virtual)"}`;
    this.mover.hidden = clock !== "virtual";
    const buttons = [{
      label: "Clear all faults",
      act: () => this.act("DELETE", "faults", undefined, "The key has no faults any more.")
    }];
    const lines = array(faults).map((fault) => ({label: faultInWords(fault), buttons: []}));
    showList(
        this.faults,
        lines.length ? [...lines, {label: "", buttons}] : [{label: "none", buttons: []}]);
  }

  /** @param {any[]} held */
  showHeld(held) {
    byId("held-title").hidden = !held.length;
    showList(
        this.held,
        held.map((one) => ({
                   label: `${text(one.name)}: ${text(one.at)}, #${
                       number(one.number)} of organization ${number(one.organization)} `,
                   buttons: [{
                     label: `Release ${text(one.name)}`,
                     act: () => this.act(
                         "POST", "release", {name: one.name}, `${one.name} was released.`,
                         {organization: number(one.organization)})
                   }],
                 })));
  }
}

/** @param {any} fault  of a key's state @returns {string} */
function faultInWords({at, after, times, rate, does, struck, spent}) {
  const parts = [
    `${text(at)}: ${text(does)}`, after ? `after ${after}` : "",
    times ? `${count(times, "time")}` : "", rate ? `rate ${rate}` : "",
    `has struck ${count(number(struck), "time")}`, spent ? "is over" : ""
  ];
  return parts.filter(Boolean).join(", ");
}

/**
 * Shows lines, if they are not what stands there.
 * @param {HTMLElement} list
 * @param {{label: string, buttons: {label: string, act: () => void}[]}[]} lines
 */
function showList(list, lines) {
  const told = JSON.stringify(lines);
  if (list.dataset.told === told) return;
  list.dataset.told = told;
  const items = lines.map(
      ({label, buttons}) => make(
          "li", {}, label ? make("code", {}, label) : "",
          ...buttons.map((one) => button(one.label, one.act))));
  keepFocus(list, () => list.replaceChildren(...items), byId("steering").firstElementChild);
}

if (page.data.mode === "live") new Live(page).start();
