// How a client behaved, rule by rule: docs/rules.md.

/** What `fake.verdicts()` answers: the report of GET /__mock/verdicts, with ways to look at it. */
export class Verdicts {
  constructor(report) {
    Object.assign(this, report); // traffic, unrouted, refused, verdicts
  }

  /** The verdict on one rule. */
  of(rule) {
    const found = this.verdicts.find((one) => one.rule === rule);
    if (found) return found;
    throw new RangeError(`no rule is called ${JSON.stringify(rule)}; the rules are: ` +
      this.verdicts.map((one) => one.rule).join(", "));
  }

  /** The broken rules of a level. */
  broken(level = "MUST") {
    return this.verdicts.filter((one) => one.level === level && one.outcome === "broken");
  }

  /** Throws RuleBroken, with the evidence, if the client broke a rule that it must keep. */
  check() {
    if (this.broken().length > 0) throw new RuleBroken(this.text());
  }

  /** The broken rules of a level, for people. */
  text(level = "MUST") {
    return this.broken(level).map(verdictText).join("\n");
  }
}

function verdictText({ level, rule, sentence, page, evidence, evidence_count: count }) {
  const proofs = evidence.map((one) => `  #${one.number} ${one.exchange}`);
  if (count > evidence.length) proofs.push(`  and ${count - evidence.length} more`);
  return [`${level} broken: ${rule}`, sentence, ...proofs, `  see ${page}`].join("\n");
}

export class RuleBroken extends Error {
  name = "RuleBroken";
}
