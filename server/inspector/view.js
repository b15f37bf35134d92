// Draws lanes, verdicts and exchanges. Everything that came from outside is set as text, never as
// markup: nodes are made one by one, and no string is ever parsed as HTML.
"use strict";

/**
 * What the page holds inside, or is told by a fake.
 * @typedef {object} PageData
 * @property {string} by          the program and its version
 * @property {string} root        what a target stands behind: "http://127.0.0.1:4747"
 * @property {Exchange[]} exchanges
 * @property {Judged[]} verdicts
 * @property {Unmatched[]} unmatched
 * @property {string[]} remarks   what was left out, and why
 */
/**
 * @typedef {object} Judged
 * @property {string} key
 * @property {string} rule
 * @property {string} level      "MUST", "SHOULD", "INFO"
 * @property {string} outcome    "kept", "broken", …
 * @property {string} sentence
 * @property {string} text       the rule itself, and what to do
 * @property {{number: number, text: string}[]} evidence
 */
/**
 * @typedef {object} Unmatched
 * @property {string} prompt
 * @property {string} nearest
 * @property {string[]} criteria
 */

const SVG = "http://www.w3.org/2000/svg";

/** What the page's own markup has. @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id @returns {HTMLInputElement} */
function inputById(id) {
  return /** @type {HTMLInputElement} */ (byId(id));
}

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** @param {string} tag @param {Record<string, string | number | boolean>} attributes @param {(Node | string)[]} children */
function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** @param {Element} element @param {Record<string, string | number | boolean>} attributes */
function setAll(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
}

// ------------------------------------------------------------------------------------------- lane

const CALLS_TOP = 18;
const CALLS_BOTTOM = 62;
const AXIS = 70;
const TURN_TOP = 108;
const TURN_HEIGHT = 46;
const LABEL_PX = 90;
/** How high each operation's mark is: what begins something stands out. @type {Record<string, number>} */
const HEIGHTS = { start: 44, continue: 44, upload: 34, messages: 20, poll: 26 };

/** Shows one conversation. */
class LaneView {
  /** @param {Lane} lane @param {Page} page */
  constructor(lane, page) {
    this.lane = lane;
    this.page = page;
    this.at = 0;
    /** @type {number[]} where each call stands; none before the lane was drawn */
    this.xs = [];
    this.marker = draw("rect", { class: "marker", y: CALLS_TOP - 6, width: 7, height: CALLS_BOTTOM - CALLS_TOP + 12, rx: 2 });
    this.strip = make("div", { class: "strip", tabindex: 0, role: "slider", "aria-orientation": "horizontal",
                               "aria-label": `Calls of ${lane.title || "the conversation"}`, "aria-valuemin": 1,
                               "aria-valuemax": lane.calls.length });
    this.strip.addEventListener("keydown", (event) => this.onKey(event));
    this.strip.addEventListener("click", (event) => this.onClick(event));
    this.hint = make("p", { class: "current" });
    this.element = make("article", { class: "lane", id: laneName(lane) }, this.head(), this.strip, this.hint);
    this.point(0);
  }

  head() {
    const { lane } = this;
    const facts = [lane.id, lane.agent && `agent ${lane.agent}`, lane.key, lane.jobStatus && `job ${lane.jobStatus}`,
                   `${lane.calls.length} call${lane.calls.length === 1 ? "" : "s"}`, duration(lane.to - lane.from)];
    const head = make("header", {}, make("h3", {}, oneLine(lane.title) || "(no prompt was seen)"),
                      make("p", { class: "facts" }, facts.filter(Boolean).join(" · ")));
    if (lane.troubles) head.append(make("p", { class: "troubles" }, `${lane.troubles} not answered well`));
    if (lane.id) {
      const save = make("button", { type: "button" }, "Save as world");
      save.addEventListener("click", () => this.page.save(`${lane.id}.json`, worldOf(lane)));
      head.append(save);
    }
    return head;
  }

  /** @param {number} width @param {number} zoom */
  render(width, zoom) {
    const { lane } = this;
    const times = lane.calls.map(({ exchange }) => exchange.began);
    for (const message of lane.messages) for (const span of message.spans) times.push(span.from, span.to);
    times.push(lane.to);
    const margin = 10;
    const scale = scaleOf(times, width - 2 * margin, zoom);
    const turns = lane.messages.filter((message) => message.role === "user");
    const height = TURN_TOP + Math.max(1, turns.length) * TURN_HEIGHT + 4;
    this.xs = lane.calls.map(({ exchange }) => scale.x(exchange.began) + margin);
    const svg = draw("svg", { width: scale.width + 2 * margin, height, "aria-hidden": "true" }, this.marker,
                     ...this.axis(scale, margin), ...this.ticks(), ...this.retries(),
                     ...this.turns(turns, (time) => scale.x(time) + margin));
    this.strip.replaceChildren(svg);
    this.point(this.at);
  }

  /** @param {Scale} scale @param {number} margin */
  axis(scale, margin) {
    const drawn = [draw("path", { class: "axis", d: `M${margin} ${AXIS}h${scale.width}` })];
    for (const { x, pause } of scale.breaks) {
      drawn.push(draw("path", { class: "break", d: `M${x + margin - 5} ${AXIS + 5}l4 -10m2 10l4 -10` }));
      drawn.push(draw("text", { class: "pause", x: x + margin, y: AXIS - 8, "text-anchor": "middle" }, duration(pause)));
    }
    let next = 0;
    this.lane.calls.forEach(({ exchange }, i) => {
      if (this.xs[i] < next) return;
      next = this.xs[i] + LABEL_PX;
      drawn.push(draw("text", { x: this.xs[i], y: AXIS + 16 }, duration(exchange.began - this.lane.from)));
    });
    return drawn;
  }

  /** One path for all calls of a kind: thousands are few elements. */
  ticks() {
    /** @type {Map<string, string>} */
    const paths = new Map();
    const add = (/** @type {string} */ kind, /** @type {string} */ d) => paths.set(kind, (paths.get(kind) ?? "") + d);
    this.lane.calls.forEach(({ exchange, outcome }, i) => {
      const x = this.xs[i];
      const top = CALLS_BOTTOM - (HEIGHTS[exchange.operation] ?? 30);
      add(`tick ${outcome}`, `M${x} ${CALLS_BOTTOM}V${top}`);
      if (outcome === "refused") add("tick refused", `M${x - 3} ${top - 6}l6 6m0 -6l-6 6`);
      if (outcome === "unavailable") add("tick unavailable", `M${x - 4} ${top}l4 -7l4 7z`);
      if (outcome === "broken") add("tick broken", `M${x - 3} ${top}l3 -3l-3 -3l3 -3`);
      if (exchange.fault) add("fault", `M${x} ${CALLS_BOTTOM + 1}l4 4l-4 4l-4 -4z`);
      if (exchange.operation === "start" || exchange.operation === "continue") add("begin", `M${x} ${top}h7l-3 4l3 4h-7z`);
    });
    return [...paths].map(([kind, d]) => draw("path", { class: kind, d }));
  }

  retries() {
    const place = new Map(this.lane.calls.map(({ exchange }, i) => [exchange.number, i]));
    let d = "";
    this.lane.calls.forEach(({ repeats }, i) => {
      const before = place.get(repeats);
      if (before === undefined) return;
      const [from, to] = [this.xs[i], this.xs[before]];
      d += `M${from} ${CALLS_TOP}Q${(from + to) / 2} ${CALLS_TOP - 16} ${to} ${CALLS_TOP}m4 -5l-4 5l6 1`;
    });
    return d ? [draw("path", { class: "retry", d })] : [];
  }

  /** @param {Message[]} turns @param {(time: number) => number} x */
  turns(turns, x) {
    const drawn = [];
    let turn = -1;
    for (const message of this.lane.messages) {
      if (message.role === "user") ++turn;
      const top = TURN_TOP + Math.max(0, turn) * TURN_HEIGHT;
      if (message.role === "user") drawn.push(...this.turn(message, top, x));
      else if (message.spans.length) drawn.push(this.mark(message, top, x(message.spans[0].from)));
    }
    return drawn;
  }

  /** @param {Message} message @param {number} top @param {(time: number) => number} x */
  turn(message, top, x) {
    const drawn = [];
    for (const { status, from, to } of message.spans) {
      const left = x(from);
      const width = Math.max(8, x(to) - left);
      const known = ["queued", "pending", "completed", "failed"].includes(status) ? status : "other";
      drawn.push(draw("rect", { class: `span ${known}`, x: left, y: top, width, height: 12, rx: 2 }));
      if (width > status.length * 7 || status === "failed") {
        drawn.push(draw("text", { class: "status", x: left + 3, y: top + 10 }, status));
      }
    }
    const words = draw("text", { class: "prompt", x: x(message.spans[0].from), y: top - 3 }, oneLine(message.content));
    return [...drawn, words];
  }

  /** @param {Message} message @param {number} top @param {number} x */
  mark(message, top, x) {
    const y = top + 22;
    const title = draw("title", {}, `${message.role}: ${message.summary}`);
    if (message.role === "assistant") return draw("path", { class: "answer", d: `M${x - 6} ${y - 5}h12v8h-7l-3 4v-4h-2z` }, title);
    if (message.role === "system") {
      return draw("path", { class: message.isNotice ? "notice" : "error", d: `M${x} ${y + 6}v-12l9 4l-9 4` }, title);
    }
    return draw("circle", { class: "progress", cx: x, cy: y, r: 3 }, title);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const svg = this.strip.firstElementChild;
    if (!svg) return;
    const x = event.clientX - svg.getBoundingClientRect().left;
    let nearest = 0;
    this.xs.forEach((place, i) => {
      if (Math.abs(place - x) < Math.abs(this.xs[nearest] - x)) nearest = i;
    });
    this.point(nearest);
    this.open();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const last = this.lane.calls.length - 1;
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: last, PageUp: this.at - 10, PageDown: this.at + 10 };
    if (event.key === "Enter" || event.key === " ") this.open();
    else if (event.key in moves) this.point(Math.min(Math.max(moves[event.key], 0), last));
    else return;
    event.preventDefault();
  }

  /** @param {number} at */
  point(at) {
    this.at = at;
    const call = this.lane.calls[at];
    if (!call) return;
    const told = describe(call);
    setAll(this.strip, { "aria-valuenow": at + 1, "aria-valuetext": told });
    this.hint.textContent = `${at + 1} of ${this.lane.calls.length}: ${told}`;
    const x = this.xs[at];
    if (x === undefined) return;
    this.marker.setAttribute("x", String(x - 3.5));
    if (x < this.strip.scrollLeft || x > this.strip.scrollLeft + this.strip.clientWidth) this.strip.scrollLeft = x - this.strip.clientWidth / 2;
  }

  open() {
    this.page.open(this.lane.calls[this.at]);
  }

  /** @param {number} exchange the number of one of this lane's */
  goTo(exchange) {
    const at = this.lane.calls.findIndex((call) => call.exchange.number === exchange);
    if (at < 0) return false;
    this.element.scrollIntoView({ block: "nearest" });
    this.point(at);
    this.strip.focus();
    this.open();
    return true;
  }
}

/** @param {Lane} lane @returns {string} */
function laneName(lane) {
  return `lane-${lane.id || "other"}-${lane.key}`.replace(/[^\w-]/g, "_");
}

/** A call in words. @param {Call} call @returns {string} */
function describe({ exchange, outcome, repeats, waited }) {
  const parts = [`${exchange.operation || exchange.method} → ${exchange.status || "no answer"}`];
  if (exchange.took) parts.push(`took ${duration(exchange.took)}`);
  if (waited >= 0) parts.push(`${duration(waited)} after the one before`);
  if (exchange.fault) parts.push(`fault: ${exchange.fault}`);
  if (repeats) parts.push(`repeats #${repeats}`);
  if (exchange.refused) parts.push(exchange.refused);
  if (outcome !== "ok" && exchange.hint) parts.push(exchange.hint);
  return parts.join(", ");
}

// ----------------------------------------------------------------------------------------- detail

/** @param {Call} call @param {Page} page @returns {Node[]} */
function detailOf(call, page) {
  const { exchange } = call;
  const close = make("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => page.close());
  const curl = make("button", { type: "button" }, "Copy as curl");
  curl.addEventListener("click", () => page.copy(curlOf(exchange, page.data.root)));
  const facts = make("dl", {});
  const fact = (/** @type {string} */ name, /** @type {string} */ value) => {
    if (value) facts.append(make("dt", {}, name), make("dd", {}, value));
  };
  fact("What", describe(call));
  fact("When", exchange.at);
  fact("Key", exchange.key);
  fact("Connection", exchange.connection ? String(exchange.connection) : "");
  fact("Rests on", headerOf(exchange.replyHeaders, "x-mock-fidelity"));
  fact("Hint", exchange.hint);
  return [make("h2", { id: "detail-title" }, `#${exchange.number} ${exchange.method} ${exchange.target}`), close, curl, facts,
          make("h3", {}, "Request"), ...messageOf(exchange.requestHeaders, exchange.requestBody, exchange.requestBytes),
          make("h3", {}, `Reply${exchange.status ? ` ${exchange.status}` : ""}`),
          ...messageOf(exchange.replyHeaders, exchange.replyBody, exchange.replyBytes)];
}

/** @param {Header[]} list @param {string} name @returns {string} */
function headerOf(list, name) {
  return list.find(([its]) => its.toLowerCase() === name)?.[1] ?? "";
}

/** @param {Header[]} list @param {string} body @param {number} bytes @returns {Node[]} */
function messageOf(list, body, bytes) {
  const json = jsonOf(body);
  const shown = json === undefined ? body : JSON.stringify(json, null, 2);
  const nodes = [make("pre", { class: "headers", tabindex: 0 }, list.map(([name, value]) => `${name}: ${value}`).join("\n"))];
  if (bytes || body) nodes.push(make("pre", { class: "body", tabindex: 0 }, shown || `(${bytes} bytes, not kept)`));
  return nodes;
}

// ------------------------------------------------------------------------------------------- page

/** The whole page: what it shows follows the filter and the address's fragment. */
class Page {
  /** @param {PageData} data */
  constructor(data) {
    this.data = data;
    this.zoom = 1;
    /** @type {LaneView[]} */
    this.views = [];
    for (const id of ["filter-text", "filter-key", "filter-operation", "filter-status", "filter-faults"]) {
      byId(id).addEventListener("input", () => this.onFilter());
    }
    byId("filter").addEventListener("submit", (event) => event.preventDefault());
    addEventListener("resize", () => this.render());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    addEventListener("hashchange", () => this.restore());
    this.fillChoices();
    this.restore();
  }

  fillChoices() {
    this.choose("filter-key", (exchange) => exchange.key);
    this.choose("filter-operation", (exchange) => exchange.operation);
  }

  /** @param {string} id @param {(exchange: Exchange) => string} of */
  choose(id, of) {
    const select = /** @type {HTMLSelectElement} */ (byId(id));
    const known = new Set(Array.from(select.options, (option) => option.value));
    for (const value of new Set(this.data.exchanges.map(of))) {
      if (value && !known.has(value)) select.append(make("option", {}, value));
    }
  }

  /** @returns {Filter} */
  filter() {
    return { text: inputById("filter-text").value, key: inputById("filter-key").value,
             operation: inputById("filter-operation").value, status: inputById("filter-status").value,
             faults: inputById("filter-faults").checked };
  }

  onFilter() {
    this.remember();
    this.show();
  }

  show() {
    const { exchanges, verdicts } = this.data;
    const filter = this.filter();
    const all = lanesOf(exchanges);
    const shown = all.filter((lane) => lane.calls.some(({ exchange }) => fits(exchange, filter)));
    this.views = shown.map((lane) => new LaneView(lane, this));
    byId("lane-list").replaceChildren(...this.views.map((view) => view.element));
    byId("nothing").hidden = shown.length > 0;
    const broken = verdicts.filter((verdict) => verdict.outcome === "broken").length;
    byId("about").textContent = [this.data.by, count(all.filter((lane) => lane.id).length, "conversation"), count(exchanges.length, "exchange"),
      verdicts.length ? `${count(broken, "rule")} broken` : "", ...this.data.remarks].filter(Boolean).join(" · ");
    this.showVerdicts();
    this.showUnmatched();
    this.render();
  }

  render() {
    const width = byId("lane-list").clientWidth - 2;
    for (const view of this.views) view.render(width, this.zoom);
  }

  showVerdicts() {
    const section = byId("verdicts");
    const order = ["broken", "not_judged", "kept", "measured", "not_seen"];
    const sorted = [...this.data.verdicts].sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
    section.hidden = !sorted.length;
    section.querySelector("ul")?.replaceChildren(...sorted.map((verdict) => this.verdict(verdict)));
  }

  /** @param {Judged} verdict */
  verdict(verdict) {
    const proofs = verdict.evidence.map(({ number, text }) => {
      const button = make("button", { type: "button" }, `#${number} ${text}`);
      button.addEventListener("click", () => this.goTo(number));
      return make("li", {}, button);
    });
    const summary = make("summary", {}, make("span", { class: `outcome ${verdict.outcome}` }, verdict.outcome.replace("_", " ")), " ",
                         make("strong", {}, verdict.rule), ` ${verdict.level}`);
    return make("li", {}, make("details", { open: verdict.outcome === "broken" }, summary, make("p", {}, verdict.sentence),
                               make("p", { class: "rule" }, verdict.text), make("ul", { class: "proofs" }, ...proofs)));
  }

  showUnmatched() {
    const section = byId("unmatched");
    section.hidden = !this.data.unmatched.length;
    section.querySelector("ul")?.replaceChildren(...this.data.unmatched.map((one) =>
      make("li", {}, make("p", {}, make("q", {}, oneLine(one.prompt)), one.nearest ? ` comes nearest to ${one.nearest}:` : ""),
           make("ul", {}, ...one.criteria.map((criterion) => make("li", {}, criterion))))));
  }

  /** @param {number} exchange */
  goTo(exchange) {
    if (!this.views.some((view) => view.goTo(exchange))) byId("about").textContent = `#${exchange} does not fit the filter`;
  }

  /** @param {Call} call */
  open(call) {
    const aside = byId("detail");
    aside.replaceChildren(...detailOf(call, this));
    aside.hidden = false;
    this.opened = call.exchange.number;
    this.remember();
  }

  close() {
    byId("detail").hidden = true;
    this.opened = 0;
    this.remember();
  }

  /** So that a link leads to what is seen. */
  remember() {
    const filter = this.filter();
    const state = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) if (value) state.set(name, value === true ? "1" : value);
    if (this.opened) state.set("exchange", String(this.opened));
    if (this.zoom !== 1) state.set("zoom", String(this.zoom));
    history.replaceState(null, "", `#${state}`);
  }

  restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const name of ["text", "key", "operation", "status"]) inputById(`filter-${name}`).value = state.get(name) ?? "";
    inputById("filter-faults").checked = state.has("faults");
    this.zoom = Number(state.get("zoom")) || 1;
    const opened = Number(state.get("exchange"));
    this.show();
    if (opened) this.goTo(opened);
  }

  /** @param {string} text */
  async copy(text) {
    await navigator.clipboard.writeText(text);
    byId("about").textContent = "Copied.";
  }

  /** @param {string} name @param {any} value */
  save(name, value) {
    const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2) + "\n"], { type: "application/json" }));
    make("a", { href: url, download: name }).click();
    URL.revokeObjectURL(url);
  }
}

/** @param {number} number @param {string} what @returns {string} */
function count(number, what) {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}
