// Draws one conversation. Everything that came from outside is set as text, never as markup: nodes
// are made one by one, and no string is ever parsed as HTML.
"use strict";

/**
 * With marks instead of the characters that would turn the text around them. Elements that hold a
 * text as it came are isolated by page.css.
 * @param {string} words
 * @returns {string}
 */
function inOrder(words) {
  return words.replace(/[\u202a-\u202e\u2066-\u2069]/g, "␦");
}

const SVG = "http://www.w3.org/2000/svg";
/** @typedef {Record<string, string | number | boolean>} Attributes */

/** What the page's own markup has. @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const isAsItCame = tag === "pre" || tag === "q" || attributes.class === "text";
  setAll(element, attributes);
  element.append(...children.map(
      (child) => typeof child === "string" && !isAsItCame ? inOrder(child) : child));
  return element;
}

/** @param {string} tag @param {Attributes} attributes @param {(Node | string)[]} children */
function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** @param {Element} element @param {Attributes} attributes */
function setAll(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true)
      element.setAttribute(name, "");
    else if (value !== false)
      element.setAttribute(name, String(value));
  }
}

/**
 * @param {string} label
 * @param {() => void} act
 * @param {Attributes} [attributes]
 * @returns {HTMLElement}
 */
function button(label, act, attributes = {}) {
  const element = make("button", {type: "button", ...attributes}, label);
  element.addEventListener("click", act);
  return element;
}

/** @param {number} number @param {string} what @returns {string} */
function count(number, what) {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

/**
 * Changes what is in an element. What had the focus there has it again, or what is like it, or else
 * what stands for it.
 * @param {Element} element
 * @param {() => void} change
 * @param {Element | null} [other]
 */
function keepFocus(element, change, other = byId("runs")) {
  const focus = /** @type {HTMLElement} */ (document.activeElement);
  const isInside = element.contains(focus);
  change();
  if (!isInside || document.activeElement === focus) return;
  const name = (/** @type {Element} */ one) => one.getAttribute("data-name") ?? one.textContent;
  const like =
      [...element.querySelectorAll("button, summary")].find((one) => name(one) === name(focus));
  const next = focus.isConnected ? focus : like ?? other;
  /** @type {HTMLElement} */ (next).focus({preventScroll: true});
}

const MARGIN = 14;
const CALLS_TOP = 42;
const CALLS_BOTTOM = 88;
const AXIS = 96;
const TURN_TOP = 134;
const TURN_HEIGHT = 50;
const LABEL_PX = 90;
const SHOWN_TROUBLES = 6;
/**
 * How high each operation's mark is: what begins something stands out.
 * @type {Record<string, number>}
 */
const HEIGHTS = {
  start: 44,
  continue: 44,
  upload: 34,
  messages: 16,
  poll: 26
};

/** Shows one conversation: its head at once, the rest when it comes into sight. */
class LaneView {
  /** @param {Lane} lane @param {RunView} run */
  constructor(lane, run) {
    this.lane = lane;
    this.run = run;
    this.page = run.page;
    this.at = 0;
    this.isDrawn = false;
    /** @type {number[]} the exchanges that prove the chosen verdict */
    this.proofs = [];
    /** @type {number[]} where each call stands; none before the lane was drawn */
    this.xs = [];
    /** @type {string[]} what each turn in words was made of */
    this.told = [];
    /** @type {boolean[]} which calls fit the filter */
    this.fitting = [];
    this.marker = draw("rect", {
      class: "marker",
      y: CALLS_TOP - 8,
      width: 7,
      height: CALLS_BOTTOM - CALLS_TOP + 16,
      rx: 2
    });
    this.head = make("header");
    this.strip = make("div", {
      class: "strip",
      tabindex: 0,
      role: "slider",
      "aria-orientation": "horizontal",
      "aria-valuemin": 1
    });
    this.strip.addEventListener("keydown", (event) => this.onKey(event));
    this.strip.addEventListener("click", (event) => this.onClick(event));
    this.current = make("p", {class: "current"});
    this.turns = make("ol", {class: "turns"});
    this.element =
        make("article", {class: "lane"}, this.head, this.strip, this.current, this.turns);
    this.tell();
  }

  /** The lane has changed, or the filter, or what is to be marked. */
  update() {
    this.tell();
    if (this.isDrawn) this.render();
  }

  /** What can be read without drawing. */
  tell() {
    const {lane} = this;
    const filter = this.page.asked;
    const all = isEmpty(filter);
    this.fitting = lane.calls.map(({exchange}) => all || fits(exchange, filter));
    if (!this.fitting[this.at]) this.at = Math.max(0, this.fitting.indexOf(true));
    setAll(this.strip, {
      "aria-label": `Calls of ${oneLine(lane.title) || "the conversation"}`,
      "aria-valuemax": lane.calls.length,
      "aria-valuenow": this.at + 1
    });
    keepFocus(this.head, () => this.head.replaceChildren(...this.headParts(all)), this.strip);
  }

  /** @param {boolean} all @returns {Node[]} */
  headParts(all) {
    const {lane} = this;
    const facts = [
      lane.id, lane.agent && `agent ${lane.agent}`, lane.key,
      lane.jobStatus && `job ${lane.jobStatus}`, count(lane.calls.length, "call"),
      duration(lane.to - lane.from)
    ];
    const parts = [
      make("h3", {}, oneLine(lane.title) || "(no prompt was seen)"),
      make("p", {class: "facts"}, facts.filter(Boolean).join(" · "))
    ];
    if (!all)
      parts.push(make(
          "p", {class: "fit"},
          `${this.fitting.filter(Boolean).length} of ${
              count(lane.calls.length, "call")} fit the filter`));
    if (this.proofs.length)
      parts.push(make(
          "p", {class: "proof"}, `◎ proves it: ${this.proofs.map((one) => `#${one}`).join(", ")}`));
    const troubles = lane.calls.filter(isTrouble);
    if (troubles.length) parts.push(this.troubles(troubles));
    parts.push(...this.notes());
    if (lane.messages.some(({asked}) => asked)) parts.push(this.savers());
    return parts;
  }

  /** @param {Call[]} troubles @returns {HTMLElement} */
  troubles(troubles) {
    const list = make(
        "p", {class: "troubles"},
        `${count(troubles.length, "call")} not answered well or struck by a fault: `);
    for (const call of troubles.slice(0, SHOWN_TROUBLES)) {
      const {number, operation, method, status, fault} = call.exchange;
      const label =
          `#${number} ${operation || method} ${status || "no answer"}${fault ? " ◆ fault" : ""}`;
      list.append(button(label, () => this.goTo(number, true)), " ");
    }
    return list;
  }

  /**
   * Which calls were asked to wait, and which repeat what stands in another lane.
   * @returns {HTMLElement[]}
   */
  notes() {
    const own = new Set(this.lane.calls.map(({exchange}) => exchange.number));
    const notes = [];
    for (const {exchange, repeats, wait} of this.lane.calls) {
      const note = wait                ? waitInWords(wait) :
          repeats && !own.has(repeats) ? `repeats #${repeats}` :
                                         "";
      if (note)
        notes.push(make(
            "p", {class: "troubles"},
            button(`↶ #${exchange.number}`, () => this.goTo(exchange.number, true)), ` ${note}`));
    }
    return notes.slice(0, SHOWN_TROUBLES);
  }

  /** @returns {HTMLElement} */
  savers() {
    const {lane, page} = this;
    const buttons = [
      button("Save as world", () => page.save(`${nameOf(lane)}.world.json`, worldOf(lane))),
      button("Save as contract case", () => page.save(`${nameOf(lane)}.json`, caseOf(lane)))
    ];
    const {askFake} = page;
    if (askFake)
      buttons.push(button(
          "All messages", () => askFake(lane), {title: "Also those that the client did not read"}));
    return make("p", {class: "savers"}, ...buttons);
  }

  /** Draws the lane; where there is no room, as nobody sees it, once it is seen. */
  render() {
    const {lane} = this;
    const width = this.run.lanes.clientWidth - 2;
    this.isDrawn = width > 0;
    if (!this.isDrawn) return this.page.drawWhenSeen(this);
    const times = lane.calls.map(({exchange}) => exchange.began);
    for (const message of lane.messages)
      for (const span of message.spans) times.push(span.from, span.to);
    times.push(lane.to);
    const scale = scaleOf(times, width - 2 * MARGIN, this.page.zoom);
    const x = (/** @type {number} */ time) => scale.x(time) + MARGIN;
    const turns = turnsOf(lane);
    this.xs = lane.calls.map(({exchange}) => x(exchange.began));
    const svg = draw(
        "svg", {
          width: scale.width + 2 * MARGIN,
          height: TURN_TOP + turns.length * TURN_HEIGHT - 16,
          "aria-hidden": "true"
        },
        this.marker, ...this.axis(scale), ...this.delays(x), ...this.ticks(), ...this.retries(),
        ...this.rings(),
        ...turns.flatMap(
            (turn, i) => turnMarks(turn, TURN_TOP + i * TURN_HEIGHT, scale.width + 2 * MARGIN, x)));
    const {scrollLeft} = this.strip;
    this.strip.replaceChildren(svg);
    this.strip.scrollLeft = scrollLeft;
    this.showTurns(turns);
    this.point(this.at);
  }

  /** @param {Scale} scale @returns {SVGElement[]} */
  axis(scale) {
    const drawn = [draw("path", {class: "axis", d: `M${MARGIN} ${AXIS}h${scale.width}`})];
    let next = 0;
    for (const {x, pause} of scale.breaks) {
      drawn.push(
          draw("path", {class: "break", d: `M${x + MARGIN - 5} ${AXIS + 5}l4 -10m2 10l4 -10`}));
      const label = duration(pause);
      const half = label.length * 3.5;
      if (x - half < next) continue;
      next = x + half;
      drawn.push(draw(
          "text", {class: "pause", x: x + MARGIN, y: CALLS_TOP - 20, "text-anchor": "middle"},
          label));
    }
    next = 0;
    let connection = -1;
    let nextConnection = 0;
    this.lane.calls.forEach(({exchange}, i) => {
      const x = this.xs[i];
      if (exchange.connection !== connection && exchange.connection && x >= nextConnection) {
        connection = exchange.connection;
        nextConnection = x + 26;
        drawn.push(
            draw("text", {y: 10, ...placeOfText(x - 4, scale.width - 10, -8)}, `c${connection}`));
      }
      if (x < next || x > scale.width + MARGIN - 40 && i) return;
      next = x + LABEL_PX;
      drawn.push(draw(
          "text", {x: x - 4, y: AXIS + 16},
          i ? `+${duration(exchange.began - this.lane.from)}` : "0"));
    });
    return drawn;
  }

  /**
   * How long each answer took, where that can be seen.
   * @param {(time: number) => number} x
   * @returns {SVGElement[]}
   */
  delays(x) {
    let d = "";
    this.lane.calls.forEach(({exchange}, i) => {
      const width = x(endOf(exchange)) - this.xs[i];
      if (width > 2) d += `M${this.xs[i]} ${CALLS_BOTTOM}h${width}`;
    });
    return d ? [draw("path", {class: "delay", d})] : [];
  }

  /** One path for all calls of a kind: thousands are few elements. @returns {SVGElement[]} */
  ticks() {
    /** @type {Map<string, string>} */
    const paths = new Map();
    const add = (/** @type {string} */ kind, /** @type {string} */ d) =>
        paths.set(kind, (paths.get(kind) ?? "") + d);
    this.lane.calls.forEach(({exchange, outcome}, i) => {
      const x = this.xs[i];
      const top = CALLS_BOTTOM - (HEIGHTS[exchange.operation] ?? 30);
      const dim = this.fitting[i] ? "" : " dim";
      add(`tick ${outcome}${dim}`, `M${x} ${CALLS_BOTTOM}V${top}`);
      if (outcome === "refused") add(`tick refused${dim}`, `M${x - 3} ${top - 7}l6 6m0 -6l-6 6`);
      if (outcome === "unavailable") add(`tick unavailable${dim}`, `M${x - 4} ${top}l4 -7l4 7z`);
      if (outcome === "broken") add(`tick broken${dim}`, `M${x} ${top}l-3 -3l5 -3l-3 -3`);
      if (exchange.fault) add(`fault${dim}`, `M${x} ${CALLS_BOTTOM + 1}l4 4l-4 4l-4 -4z`);
      if (exchange.operation === "start" || exchange.operation === "continue")
        add(`begin${dim}`, `M${x} ${top}h8l-3 4l3 4h-8z`);
    });
    return [...paths].map(([kind, d]) => draw("path", {class: kind, d}));
  }

  /** From each retry an arrow to what it repeats. @returns {SVGElement[]} */
  retries() {
    const place = new Map(this.lane.calls.map(({exchange}, i) => [exchange.number, i]));
    let d = "";
    this.lane.calls.forEach(({repeats}, i) => {
      const before = place.get(repeats);
      if (before === undefined) return;
      const [from, to] = [this.xs[i], this.xs[before]];
      d += `M${from} ${CALLS_TOP}Q${(from + to) / 2} ${CALLS_TOP - 16} ${to} ${
          CALLS_TOP}m4 -5l-4 5l6 1`;
    });
    return d ? [draw("path", {class: "retry", d})] : [];
  }

  /** Around what proves the chosen verdict. @returns {SVGElement[]} */
  rings() {
    const proofs =
        this.lane.calls.map(({exchange}, i) => ({number: exchange.number, x: this.xs[i]}))
            .filter(({number}) => this.proofs.includes(number));
    return proofs.map(
        ({number, x}) => draw(
            "g", {class: "ring"}, draw("rect", {
              x: x - 6,
              y: CALLS_TOP - 4,
              width: 12,
              height: CALLS_BOTTOM - CALLS_TOP + 8,
              rx: 4
            }),
            draw("text", {x, y: CALLS_TOP - 7, "text-anchor": "middle"}, `#${number}`)));
  }

  /**
   * The conversation in words: what did not change stays, and what somebody opened stays open.
   * @param {Turn[]} turns
   */
  showTurns(turns) {
    turns.forEach((turn, i) => {
      const told = JSON.stringify(turn);
      if (this.told[i] === told) return;
      this.told[i] = told;
      const item = this.turns.children[i] ?? this.turns.appendChild(make("li"));
      const words = turnInWords(turn, i, this.lane, item.querySelector("details")?.open);
      keepFocus(item, () => item.replaceChildren(words));
    });
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const svg = this.strip.firstElementChild;
    if (!svg) return;
    const x = event.clientX - svg.getBoundingClientRect().left;
    let nearest = this.at;
    this.xs.forEach((place, i) => {
      if (Math.abs(place - x) < Math.abs(this.xs[nearest] - x)) nearest = i;
    });
    this.point(nearest);
    this.open(false);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.lane.calls.length - 1;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.step(this.at - 1, -1),
      ArrowRight: () => this.step(this.at + 1, 1),
      Home: () => this.step(0, 1),
      End: () => this.step(last, -1),
      PageUp: () => this.step(Math.max(0, this.at - 10), -1),
      PageDown: () => this.step(Math.min(last, this.at + 10), 1),
      e: () => this.nextTrouble(),
      Enter: () => this.open(true),
      " ": () => this.open(true),
    };
    const key = event.key === "E" ? "e" : event.key;
    if (!Object.hasOwn(keys, key)) return;
    event.preventDefault();
    keys[key]();
  }

  /**
   * To the first call from there on that fits the filter.
   * @param {number} from
   * @param {number} by
   */
  step(from, by) {
    let at = from;
    while (at >= 0 && at < this.fitting.length && !this.fitting[at]) at += by;
    if (at < 0 || at >= this.fitting.length) return;
    this.point(at);
    if (this.page.opened) this.open(false);
  }

  nextTrouble() {
    const {calls} = this.lane;
    for (let i = 1; i <= calls.length; ++i) {
      const at = (this.at + i) % calls.length;
      if (isTrouble(calls[at]) && this.fitting[at]) return this.step(at, 1);
    }
  }

  /** @param {number} at */
  point(at) {
    this.at = at;
    const call = this.lane.calls[at];
    if (!call) return;
    const told = `#${call.exchange.number} ${describe(call)}`;
    setAll(this.strip, {"aria-valuenow": at + 1, "aria-valuetext": told});
    this.current.textContent = inOrder(`${at + 1} of ${this.lane.calls.length}: ${told}`);
    const x = this.xs[at];
    if (x === undefined) return;
    this.marker.setAttribute("x", String(x - 3.5));
    const {scrollLeft, clientWidth} = this.strip;
    const hasFocus = document.activeElement === this.strip;
    if (hasFocus && (x < scrollLeft || x > scrollLeft + clientWidth))
      this.strip.scrollLeft = x - clientWidth / 2;
  }

  /** @param {boolean} takeFocus */
  open(takeFocus) {
    this.page.open(this.lane.calls[this.at], this, takeFocus);
  }

  /** @param {number} exchange  the number of one of this lane's @param {boolean} open */
  goTo(exchange, open) {
    const at = this.lane.calls.findIndex((call) => call.exchange.number === exchange);
    if (at < 0) return false;
    this.element.scrollIntoView({block: "nearest"});
    if (!this.isDrawn) this.render();
    this.strip.focus({preventScroll: true});
    this.point(at);
    if (open) this.open(false);
    return true;
  }
}

// --------------------------------------------------------------------------- what the server says

/**
 * A turn as bars, one for each status, with marks of what was said.
 * @param {Turn} turn
 * @param {number} top
 * @param {number} right  where the picture ends
 * @param {(time: number) => number} x
 * @returns {SVGElement[]}
 */
function turnMarks({prompt, others}, top, right, x) {
  const begin = x(prompt.spans[0]?.from ?? prompt.from);
  const drawn = [draw(
      "text", {class: "prompt", y: top - 4, ...placeOfText(begin, right - 160)},
      oneLine(prompt.content))];
  prompt.spans.forEach(({status, from, to}, i) => {
    const left = x(from);
    const width = Math.max(9, x(to) - left);
    const known = ["queued", "pending", "completed", "failed"].includes(status) ? status : "other";
    drawn.push(draw(
        "rect", {class: `span ${known}`, x: left, y: top, width, height: 13, rx: 2},
        draw("title", {}, status)));
    const label = (/** @type {Attributes} */ place) =>
        drawn.push(draw("text", {class: "status", y: top + 11, ...place}, status));
    const room = status.length * 7;
    // The last may stand behind its bar, or before all of them: between others it were theirs.
    if (width > room)
      label({x: left + 3});
    else if (i + 1 < prompt.spans.length || !isEnd(status))
      return;
    else if (left + width + room < right)
      label({x: left + width + 3});
    else if (begin > room)
      label({x: begin - 3, "text-anchor": "end"});
  });
  const places = sideBySide(others, x, right - 10);
  return [...drawn, ...others.map((message, i) => messageMark(message, top + 23, places[i]))];
}

/**
 * Where marks stand: where they were seen first, and those of one reply one after the other.
 * @param {Message[]} messages
 * @param {(time: number) => number} x
 * @param {number} last  where there is room for one
 * @returns {number[]}
 */
function sideBySide(messages, x, last) {
  const widths = messages.map(({role}) => role === "progress" ? 9 : 15);
  /** @type {number[]} */
  const places = [];
  let next = 0;
  messages.forEach(({from}, i) => {
    places.push(Math.max(x(from), next));
    next = places[i] + widths[i];
  });
  let end = last;
  for (let i = places.length - 1; i >= 0; --i) {
    places[i] = Math.min(places[i], end);
    end = places[i] - (widths[i - 1] ?? 0);
  }
  return places;
}

/**
 * Behind a place, or before it, where there is no more room.
 * @param {number} x
 * @param {number} last
 * @param {number} [back]
 * @returns {Attributes}
 */
function placeOfText(x, last, back = 0) {
  return x > last ? {x: x - back, "text-anchor": "end"} : {x};
}

/** @param {Message} message @param {number} y @param {number} x @returns {SVGElement} */
function messageMark(message, y, x) {
  const title = draw("title", {}, `${message.role}: ${summaryOf(message)}`);
  switch (message.role) {
    case "assistant":
      return draw("path", {class: "answer", d: `M${x - 6} ${y - 5}h12v8h-7l-3 4v-4h-2z`}, title);
    case "system":
      return draw(
          "path",
          {class: isFailure(message) ? "error" : "notice", d: `M${x} ${y + 6}v-12l9 4l-9 4`},
          title);
    default:
      return draw("circle", {class: "progress", cx: x, cy: y, r: 3}, title);
  }
}

/**
 * @param {Turn} turn
 * @param {number} i
 * @param {Lane} lane
 * @param {boolean} [open]
 * @returns {HTMLElement}
 */
function turnInWords({prompt, others}, i, lane, open = false) {
  const answer =
      others.filter(({role}) => role === "assistant").at(-1) ?? others.filter(isFailure).at(-1);
  const summary = make(
      "summary", {"data-name": i}, `${i + 1}. `, make("q", {}, oneLine(prompt.content)),
      ` → ${statusOf(prompt) || "not looked at"}`);
  if (answer)
    summary.append(" → ", make("q", {}, oneLine(answer.content)));
  else if (isOver(prompt))
    summary.append(" → no answer seen");
  const all = [prompt, ...others];
  const lines = all.map(
      (message) => make(
          "li", {class: `said ${message.role}`},
          make("span", {class: "who"}, `${message.role} +${duration(message.from - lane.from)} `),
          make(
              "span", {class: "text"},
              message.role === "progress" ? summaryOf(message) : message.content)));
  return make("details", {open}, summary, make("ul", {}, ...lines));
}
