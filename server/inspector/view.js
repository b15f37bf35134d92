// The page: runs with their verdicts and conversations, what is opened, and the address that leads
// to what is seen. All text is set as text: see lane.js.
"use strict";

/**
 * What the page holds inside.
 * @typedef {object} PageData
 * @property {"live" | "file"} mode
 * @property {string} by          the program and its version
 * @property {string} title
 * @property {string} at
 * @property {string} root        what a target stands behind: "http://127.0.0.1:4747/api/public/v1"
 * @property {any[]} runs
 * @property {string[]} remarks   what was left out, and why
 */

/** @returns {PageData} */
function readData() {
  return {title: "", at: "", runs: [], remarks: [], ...jsonOf(byId("data").textContent ?? "")};
}

// ----------------------------------------------------------------------------------------- detail

/** @param {Call} call @param {Run} run @param {Page} page @returns {Node[]} */
function detailOf(call, run, page) {
  const {exchange} = call;
  const facts = make("dl");
  const fact = (/** @type {string} */ name, /** @type {string} */ value) => {
    if (value) facts.append(make("dt", {}, name), make("dd", {}, value));
  };
  fact("What", describe(call));
  fact("When", exchange.at);
  fact("Key", exchange.key);
  fact("Connection", exchange.connection ? String(exchange.connection) : "");
  fact("Source", fidelityOf(exchange));
  fact("Hint", exchange.hint);
  for (const {rule, evidence} of run.verdicts) {
    for (const proof of evidence)
      if (proof.number === exchange.number) fact("Proves", `${rule}: ${proof.text}`);
  }
  const curl = curlOf(exchange, page.data.root);
  return [
    make(
        "h2", {id: "detail-title", tabindex: -1},
        `#${exchange.number} ${exchange.method} ${exchange.target}`),
    button("Copy as curl", () => page.copy(curl)), button("Close", () => page.close()), facts,
    make("h3", {}, "Request"),
    ...contentOf(exchange.requestHeaders, exchange.requestBody, exchange.requestBytes, "request"),
    make("h3", {}, exchange.status ? `Reply ${exchange.status}` : "No reply"),
    ...contentOf(exchange.replyHeaders, exchange.replyBody, exchange.replyBytes, "reply"),
    make(
        "details", {}, make("summary", {}, "As curl"),
        make("pre", {tabindex: 0, "aria-label": "curl command"}, curl))
  ];
}

/**
 * @param {Header[]} list
 * @param {string} body
 * @param {number} bytes
 * @param {string} of
 * @returns {Node[]}
 */
function contentOf(list, body, bytes, of) {
  const json = jsonOf(body);
  const shown = json === undefined ? body : JSON.stringify(json, null, 2);
  const nodes = [];
  if (list.length)
    nodes.push(make(
        "pre", {tabindex: 0, "aria-label": `Headers of the ${of}`},
        list.map(([name, value]) => `${name}: ${value}`).join("\n")));
  if (bytes || body)
    nodes.push(make(
        "pre", {tabindex: 0, "aria-label": `Body of the ${of}`},
        shown || `(${bytes} bytes, not kept)`));
  const kept = new TextEncoder().encode(body).length;
  if (body && kept < bytes)
    nodes.push(make(
        "p", {class: "note"},
        `The first ${kept.toLocaleString("en")} of ${
            bytes.toLocaleString("en")} bytes were kept.`));
  return nodes;
}

// ------------------------------------------------------------------------------------------- runs

/** One run: its verdicts, the prompts that nothing matched, and its conversations. */
class RunView {
  /** @param {Run} run @param {number} index @param {Page} page */
  constructor(run, index, page) {
    this.run = run;
    this.index = index;
    this.page = page;
    /** @type {Map<Lane, LaneView>} */
    this.views = new Map();
    this.isFilled = false;
    this.title = make("summary");
    this.findings = make("ul", {class: "findings"});
    this.verdicts = make("div", {class: "verdicts"});
    this.unmatched = make("div", {class: "unmatched"});
    this.lanes = make("div", {class: "lanes"});
    this.element = make(
        "details", {class: "run"}, this.title, this.findings, this.verdicts, this.unmatched,
        this.lanes);
    this.element.addEventListener("toggle", () => this.show());
  }

  get isOpen() {
    return this.element.hasAttribute("open");
  }

  open() {
    this.element.setAttribute("open", "");
    this.show();
  }

  /** How many of its exchanges fit. @param {Filter} filter @returns {boolean} */
  fits(filter) {
    return isEmpty(filter) || this.run.book.exchanges.some((exchange) => fits(exchange, filter));
  }

  /** @param {boolean} [isNew]  whether there is another filter */
  show(isNew = false) {
    this.showTitle();
    if (!this.isOpen) return;
    if (!this.isFilled) this.fill();
    this.showLanes(isNew);
  }

  fill() {
    this.isFilled = true;
    this.findings.replaceChildren(...this.run.findings.map((finding) => make("li", {}, finding)));
    this.showVerdicts();
    this.showUnmatched();
  }

  /** Begins anew, with other exchanges. @param {Run} run */
  replace(run) {
    this.run = run;
    this.views.clear();
    this.fill();
    this.show();
  }

  /** @param {Verdict[]} verdicts */
  setVerdicts(verdicts) {
    if (JSON.stringify(verdicts) === JSON.stringify(this.run.verdicts)) return;
    this.run.verdicts = verdicts;
    keepFocus(this.verdicts, () => this.showVerdicts());
    this.showTitle();
    this.mark(verdicts.find(({rule}) => this.page.isChosen(this.index, rule)));
  }

  /** @param {Unmatched[]} unmatched */
  setUnmatched(unmatched) {
    if (JSON.stringify(unmatched) === JSON.stringify(this.run.unmatched)) return;
    this.run.unmatched = unmatched;
    keepFocus(this.unmatched, () => this.showUnmatched());
  }

  showTitle() {
    const {name, result, book, verdicts} = this.run;
    const broken = verdicts.filter(({outcome}) => outcome === "broken").length;
    const facts = [
      count(book.lanes().filter(({id}) => id).length, "conversation"),
      count(book.exchanges.length, "exchange"), broken ? `${count(broken, "rule")} broken` : ""
    ];
    this.title.replaceChildren(
        make(
            "h2", {},
            result ? make("span", {class: `result ${result.replace(" ", "-")}`}, result) : "",
            ` ${name || "All exchanges"}`),
        make("span", {class: "facts"}, ` ${facts.filter(Boolean).join(" · ")}`));
  }

  /**
   * Draws lanes that are new or have changed, and leaves the others alone.
   * @param {boolean} [all]
   */
  showLanes(all = false) {
    const filter = this.page.asked;
    const shown = this.run.book.lanes().filter(
        (lane) => isEmpty(filter) || lane.calls.some(({exchange}) => fits(exchange, filter)));
    const views = shown.map((lane) => this.viewOf(lane));
    views.forEach((view, i) => {
      if (this.lanes.children[i] !== view.element)
        this.lanes.insertBefore(view.element, this.lanes.children[i] ?? null);
    });
    while (this.lanes.children.length > views.length) this.lanes.lastElementChild?.remove();
    for (const view of views)
      if (all || this.run.book.changed.has(view.lane)) view.update();
    this.run.book.changed.clear();
  }

  /** @param {Lane} lane @returns {LaneView} */
  viewOf(lane) {
    let view = this.views.get(lane);
    if (!view) {
      view = new LaneView(lane, this);
      this.views.set(lane, view);
      this.page.drawWhenSeen(view);
    }
    return view;
  }

  showVerdicts() {
    const {verdicts} = this.run;
    this.verdicts.hidden = !verdicts.length;
    if (!verdicts.length) return;
    const first = verdicts.filter(({outcome}) => OUTCOMES.slice(0, 4).includes(outcome));
    const rest = verdicts.filter((verdict) => !first.includes(verdict));
    const list = (/** @type {Verdict[]} */ some) =>
        make("ul", {}, ...some.map((verdict) => make("li", {}, this.verdict(verdict))));
    const counts = OUTCOMES.slice(4).map(
        (outcome) =>
            [rest.filter((one) => one.outcome === outcome).length, outcome.replace("_", " ")]);
    const hasOpen = rest.some(({rule}) => this.page.isChosen(this.index, rule)) ||
        this.verdicts.querySelector(".rest[open]") !== null;
    this.verdicts.replaceChildren(
        make("h3", {}, "Verdicts"), list(first),
        make(
            "details", {class: "rest", open: hasOpen},
            make(
                "summary", {"data-name": "rest"},
                counts.filter(([number]) => number).map((one) => one.join(" ")).join(", ")),
            list(rest)));
  }

  /** @param {Verdict} verdict @returns {HTMLElement} */
  verdict(verdict) {
    const name = verdict.outcome.replace("_", " ");
    const summary = make(
        "summary", {"data-name": verdict.rule},
        make("span", {class: `outcome ${verdict.outcome}`}, name), " ",
        make("strong", {}, verdict.rule), ` ${verdict.level} `, verdict.sentence);
    const details = make(
        "details", {"data-rule": verdict.rule, open: this.page.isChosen(this.index, verdict.rule)},
        summary, ...this.proofs(verdict), ruleInWords(verdict, this.page.rules));
    details.addEventListener(
        "toggle", () => this.page.choose(this.index, verdict.rule, details.hasAttribute("open")));
    return details;
  }

  /** @param {Verdict} verdict @returns {Node[]} */
  proofs({rule, evidence, evidenceCount}) {
    if (!evidence.length) return [];
    const more = evidenceCount - evidence.length;
    const items = evidence.map(
        ({number, text}) => make("li", {}, button(`#${number} ${text}`, () => this.goTo(number), {
                                   "data-name": `${rule} ${number}`
                                 })));
    if (more > 0) items.push(make("li", {}, `and ${more} more`));
    return [
      make("p", {class: "who"}, "Proved by these exchanges, marked ◎ below:"),
      make("ul", {class: "proofs"}, ...items)
    ];
  }

  showUnmatched() {
    const {unmatched} = this.run;
    this.unmatched.hidden = !unmatched.length;
    this.unmatched.replaceChildren(
        make("h3", {}, "Prompts that no script matched"),
        make("ul", {}, ...unmatched.map((one) => this.miss(one))));
  }

  /** @param {Unmatched} miss @returns {HTMLElement} */
  miss({prompt, job, turn, nearest, criteria}) {
    const line = make(
        "p", {}, make("q", {}, oneLine(prompt)), ` (prompt ${turn} of ${job})`,
        nearest ? ` comes nearest to the script ${nearest}:` :
                  ": the world has no script that could match it");
    const items = criteria.map(
        (criterion) => make("li", {class: criterion.startsWith("✓") ? "met" : "unmet"}, criterion));
    const lane = this.run.book.lanes().find(({id}) => id === job);
    if (lane)
      line.append(
          " ", button("Show", () => this.viewOf(lane).goTo(lane.calls[0].exchange.number, false), {
            "data-name": `${job} ${turn}`
          }));
    return make("li", {}, line, make("ul", {class: "criteria"}, ...items));
  }

  /**
   * Marks the exchanges that prove a verdict; none: marks nothing.
   * @param {Verdict | undefined} verdict
   */
  mark(verdict) {
    const proofs = new Set(verdict?.evidence.flatMap(numbersOf));
    for (const view of this.views.values()) {
      const own = view.lane.calls.map(({exchange}) => exchange.number);
      const its = own.filter((number) => proofs.has(number));
      if (!its.length && !view.proofs.length) continue;
      view.proofs = its;
      view.update();
    }
  }

  /** @param {number} exchange @returns {boolean} */
  has(exchange) {
    return this.run.book.exchanges.some(({number}) => number === exchange);
  }

  /** Opens an exchange, if it is there. @param {number} exchange */
  goTo(exchange) {
    this.open();
    const isThere = [...this.views.values()].some(
        (view) => view.element.isConnected && view.goTo(exchange, true));
    if (!isThere)
      this.page.say(`#${exchange} is not here: it does not fit the filter, or was left out.`);
  }
}

/**
 * What a rule asks for, and what to do.
 * @param {Verdict} verdict
 * @param {Record<string, string>} rules
 * @returns {Node}
 */
function ruleInWords({rule, page}, rules) {
  const parts = ruleParts(Object.hasOwn(rules, rule) ? rules[rule] : `See ${page}`);
  return make(
      "dl", {class: "rule"},
      ...parts.flatMap((part) => [make("dt", {}, part.name || "Rule"), make("dd", {}, part.text)]));
}

// ------------------------------------------------------------------------------------------- page

const WAIT_FOR_TYPING_MS = 120;

/** The whole page: what it shows follows the filter and the address's fragment. */
class Page {
  /** @param {PageData} data */
  constructor(data) {
    this.data = data;
    /** @type {Record<string, string>} docs/rules.md, as far as it is for the page */
    this.rules = jsonOf(byId("rules").textContent ?? "") ?? {};
    /** @type {((lane: Lane) => void) | undefined} where there is a fake to ask */
    this.askFake = undefined;
    this.zoom = 1;
    /** @type {RunView[]} */
    this.runs = [];
    /** @type {{run: number, rule: string} | null} the verdict whose proofs are marked */
    this.chosen = null;
    /** @type {{lane: LaneView, number: number} | null} */
    this.opened = null;
    /** @type {{run: number, number: number} | null} what a link leads to, until it is here */
    this.wanted = null;
    this.isWhole = data.mode === "file";  // what there is to show has come
    /** @type {Filter} */
    this.asked = {text: "", key: "", operation: "", status: "", faults: false};
    /** @type {WeakMap<Element, LaneView>} */
    this.waiting = new WeakMap();
    this.observer = new IntersectionObserver((seen) => this.onSeen(seen), {rootMargin: "800px"});
    this.typing = 0;
    this.listen();
  }

  listen() {
    byId("filter").addEventListener("submit", (event) => event.preventDefault());
    byId("filter").addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.onFilter(), WAIT_FOR_TYPING_MS);
    });
    byId("filter").addEventListener("reset", () => setTimeout(() => this.onFilter()));
    byId("zoom-in").addEventListener("click", () => this.zoomTo(this.zoom * 2));
    byId("zoom-out").addEventListener("click", () => this.zoomTo(this.zoom / 2));
    let width = 0;
    new ResizeObserver(([{contentRect}]) => {
      if (width && width !== contentRect.width) this.redraw();
      width = contentRect.width;
    }).observe(byId("runs"));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** Shows all that the page was given. */
  start() {
    for (const raw of this.data.runs) this.addRun(runOf(raw));
    this.showAbout();
    this.restore();
    addEventListener("hashchange", () => this.restore());
  }

  /** @param {Run} run @returns {RunView} */
  addRun(run) {
    const view = new RunView(run, this.runs.length, this);
    this.runs.push(view);
    byId("runs").append(view.element);
    if (isOpenAtFirst(view, this.data.runs.length)) view.element.setAttribute("open", "");
    return view;
  }

  showAbout() {
    const {by, title, at, remarks} = this.data;
    byId("about").textContent = inOrder([by, title, at].filter(Boolean).join(" · "));
    if (title) document.title = `${title} · nairi-mock`;
    byId("remarks").replaceChildren(...remarks.map((remark) => make("li", {}, remark)));
    for (const {run} of this.runs)
      for (const exchange of run.book.exchanges) this.offer(exchange);
  }

  /**
   * The filter's lists have what there is.
   * @param {{key: string, operation: string, status: string | number}} there
   */
  offer({key, operation, status}) {
    for (const [name, value] of Object.entries({key, operation, status})) {
      const select = /** @type {HTMLSelectElement} */ (byId(`filter-${name}`));
      const isThere = Array.from(select.options).some((option) => option.value === String(value));
      if (value && !isThere) select.append(make("option", {}, String(value)));
    }
  }

  onFilter() {
    this.asked = askedFilter();
    this.remember();
    this.show();
  }

  /** Shows what fits the filter. @param {boolean} [isNew]  the filter is not the one before */
  show(isNew = true) {
    for (const run of this.runs) {
      run.element.hidden = !run.fits(this.asked);
      if (!run.element.hidden) run.show(isNew);
    }
    byId("nothing").textContent =
        isEmpty(this.asked) ? "There are no calls here." : "Nothing fits the filter.";
    byId("nothing").hidden = this.runs.some(({element}) => !element.hidden);
  }

  /** @param {LaneView} view */
  drawWhenSeen(view) {
    this.waiting.set(view.element, view);
    this.observer.observe(view.element);
  }

  /** @param {IntersectionObserverEntry[]} seen */
  onSeen(seen) {
    for (const {target, isIntersecting} of seen) {
      if (!isIntersecting) continue;
      this.observer.unobserve(target);
      const view = this.waiting.get(target);
      if (view && !view.isDrawn) view.render();
    }
  }

  redraw() {
    for (const run of this.runs)
      for (const view of run.views.values())
        if (view.isDrawn) view.render();
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.zoom = zoomWithin(zoom);
    this.redraw();
    this.remember();
  }

  // ---- a verdict

  /** @param {number} run @param {string} rule @returns {boolean} */
  isChosen(run, rule) {
    return this.chosen?.run === run && this.chosen.rule === rule;
  }

  /**
   * A verdict was opened or closed.
   * @param {number} run
   * @param {string} rule
   * @param {boolean} isOpen
   */
  choose(run, rule, isOpen) {
    if (isOpen === this.isChosen(run, rule)) return;
    this.chosen = isOpen ? {run, rule} : null;
    this.markChosen();
    this.remember();
  }

  markChosen() {
    this.runs.forEach((view, i) => {
      view.mark(view.run.verdicts.find(({rule}) => this.isChosen(i, rule)));
      for (const details of view.verdicts.querySelectorAll("li>details")) {
        if (details instanceof HTMLDetailsElement)
          details.open = this.isChosen(i, details.dataset.rule ?? "");
      }
    });
  }

  // ---- an exchange

  /** @param {Call} call @param {LaneView} lane @param {boolean} takeFocus */
  open(call, lane, takeFocus) {
    const aside = byId("detail");
    aside.replaceChildren(...detailOf(call, lane.run.run, this));
    aside.hidden = false;
    aside.scrollTop = 0;
    this.opened = {lane, number: call.exchange.number};
    this.wanted = null;
    if (takeFocus) byId("detail-title").focus();
    this.remember();
  }

  close() {
    if (!this.opened) return;
    const {strip} = this.opened.lane;
    const detail = byId("detail");
    this.opened = null;
    keepFocus(detail, () => {
      detail.hidden = true;
      detail.replaceChildren();
    }, strip.isConnected ? strip : undefined);
    this.remember();
  }

  // ---- the address

  /** So that a link leads to what is seen. */
  remember() {
    const state = new URLSearchParams();
    for (const [name, value] of Object.entries(this.asked))
      if (value) state.set(name, value === true ? "1" : value);
    const toggled =
        this.runs.filter((view) => view.isOpen !== isOpenAtFirst(view, this.runs.length));
    if (toggled.length) state.set("toggled", toggled.map(({index}) => index).join(" "));
    if (this.chosen) state.set("rule", `${this.chosen.run} ${this.chosen.rule}`);
    const shown = this.opened && {run: this.opened.lane.run.index, number: this.opened.number};
    const exchange = this.wanted ?? shown;
    if (exchange) state.set("exchange", `${exchange.run} ${exchange.number}`);
    if (this.zoom !== 1) state.set("zoom", String(this.zoom));
    history.replaceState(null, "", `#${state}`);
  }

  /** Shows what a link says. */
  restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    const given = (/** @type {string} */ name) => state.get(name) ?? "";
    this.offer({key: given("key"), operation: given("operation"), status: given("status")});
    for (const name of ["text", "key", "operation", "status"]) field(name).value = given(name);
    field("faults").checked = state.has("faults");
    this.asked = askedFilter();
    this.zoom = zoomWithin(Number(state.get("zoom")) || 1);
    const toggled = (state.get("toggled") ?? "").split(" ");
    for (const view of this.runs) {
      view.element.toggleAttribute(
          "open", isOpenAtFirst(view, this.runs.length) !== toggled.includes(String(view.index)));
    }
    const [, run, rule] = /^(\d+) (.*)$/.exec(state.get("rule") ?? "") ?? [];
    this.chosen = rule ? {run: Number(run), rule} : null;
    this.show();
    this.markChosen();
    const judged = this.runs[Number(run)]?.run.verdicts ?? [];
    if (rule && this.isWhole && !judged.some((one) => one.rule === rule))
      this.say(`${rule} is not judged here.`);
    const [its, number] = given("exchange").split(" ").map(Number);
    this.wanted = number ? {run: its, number} : null;
    this.goToWanted();
  }

  /** Opens what a link leads to, or says that it is not here, once that is known. */
  goToWanted() {
    if (!this.wanted) return;
    const {run, number} = this.wanted;
    const view = this.runs[run];
    if (!this.isWhole && !view?.has(number)) return;
    this.wanted = null;
    if (view)
      view.goTo(number);
    else
      this.say(`#${number} is not here: the page has no run ${run}.`);
  }

  // ---- taking along

  /** @param {string} message */
  say(message) {
    byId("said").textContent = inOrder(message);
  }

  /** @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.say("Copied.");
    } catch {
      this.say("This browser does not let the page copy: take it from below, at \"As curl\".");
    }
  }

  /** @param {string} name @param {any} value */
  save(name, value) {
    const url = URL.createObjectURL(
        new Blob([`${JSON.stringify(value, null, 2)}\n`], {type: "application/json"}));
    make("a", {href: url, download: name}).click();
    URL.revokeObjectURL(url);
    this.say(`Saved as ${name}.`);
  }
}

/** @param {number} zoom @returns {number} */
function zoomWithin(zoom) {
  return Math.min(Math.max(zoom, 1 / 16), 64);
}

/** @param {string} name @returns {HTMLInputElement} */
function field(name) {
  return /** @type {HTMLInputElement} */ (byId(`filter-${name}`));
}

/** @returns {Filter} */
function askedFilter() {
  return {
    text: field("text").value,
    key: field("key").value,
    operation: field("operation").value,
    status: field("status").value,
    faults: field("faults").checked
  };
}

/**
 * Of many runs those that passed are closed.
 * @param {RunView} view
 * @param {number} count
 * @returns {boolean}
 */
function isOpenAtFirst({run, index}, count) {
  return count === 1 || index === 0 || run.result === "failed" || run.result === "warned" ||
      run.result === "" && count <= 8;
}

const page = new Page(readData());
if (page.data.mode === "file") page.start();
