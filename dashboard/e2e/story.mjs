// A project with a history for tests and pictures: runs with loops, verdicts, scores and costs, learnings, a budget.
// Everything goes through the server's own commands; the same seed tells the same story.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DAY = 86_400_000;

/** Numbers by chance that come again with the same seed (mulberry32). */
export function dice(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    pick: (items) => items[Math.floor(next() * items.length)],
    id: (at) => {
      let [text, time] = ["", Math.floor(at)];
      for (let index = 0; index < 10; index++, time = Math.floor(time / 32)) text = ALPHABET[time % 32] + text;
      for (let index = 0; index < 16; index++) text += ALPHABET[Math.floor(next() * 32)];
      return text;
    },
  };
}

const TASKS = [
  [
    "Stream manifests to the customs gateway",
    "Replace the nightly batch by a stream. Keep the retry queue, and prove that no manifest is sent twice.",
  ],
  [
    "Berth planner ignores tide tables",
    "Vessels over 11 m draught get berths that are dry at low water. Take the tide table into account.",
  ],
  ["Round demurrage to the minute", "Invoices round up to the hour. The contract says minutes."],
  [
    "Move container search to PostgreSQL",
    "The search index lags by minutes. Use full-text search in the primary database.",
  ],
  ["Flaky test in crane scheduler", "`schedules_two_cranes` fails about once in forty runs."],
  [
    "Rate limit the tracking API",
    "One customer polls every 200 ms. 60 requests a minute for each key, with headers that say so.",
  ],
  ["Export bills of lading as PDF/A", "Archive format, fonts embedded, two pages at most."],
  ["Upgrade to the 2026 HS code list", "Codes of chapters 84 and 85 moved. Old declarations keep theirs."],
  ["Dark mode for the yard map", "Drivers read it at night."],
  ["Fold weather delays into ETA", "Wind above 14 m/s stops the cranes; the ETA should know."],
  ["Remove the legacy SOAP client", "Nobody has called it since March."],
  ["Audit log for tariff changes", "Who changed which tariff, when, from what to what."],
];
const MODELS = ["claude-opus-4-6", "claude-sonnet-4-6", "gpt-5.1-codex"];
const SOURCES = ["issue", "workflow", "trigger", "recurring_task"];
const FEEDBACK = [
  "Two of the new tests assert nothing: they pass with the change reverted. The error path of `send` is not covered.",
  "The migration locks the table. Add the column first, backfill in batches, then the constraint.",
  "Works, but `plan_berths` now reads the tide table once for each vessel. Read it once for each plan.",
];
const APPROVED = [
  [
    "important",
    "preference",
    "A change of a plan is an event of its own",
    "a plan of berths is changed",
    "append `PlanChanged` with the reason; never overwrite a plan",
  ],
  [
    "critical",
    "gotcha",
    "Spring tides come twice a month",
    "a window for a deep vessel is computed",
    "take the table of the day, not the mean; test both spring tides",
  ],
  [
    "minor",
    "tool",
    "`just warm` fills the cache of tide tables",
    "a test waits for tide tables",
    "run `just warm` once before the suite",
  ],
];
const LEARNINGS = [
  [
    "important",
    "gotcha",
    "Tests of the scheduler share one clock",
    "a test of the scheduler needs a time",
    "make a clock of its own with `TestClock::at`; the shared one is moved by other tests",
  ],
  [
    "critical",
    "pattern",
    "Migrations that lock `shipments` stop the gates",
    "a migration touches `shipments`",
    "add columns as nullable, backfill in batches of 10,000, add the constraint as NOT VALID, validate last",
  ],
  [
    "minor",
    "preference",
    "Error texts name the container number",
    "an error is about one container",
    "put the container number first, then what is wrong",
  ],
  [
    "important",
    "tool",
    "`just check` is what CI runs",
    "work is about to be handed over",
    "run `just check`, not `cargo test`: it has the lints and the generated files too",
  ],
  [
    "minor",
    "architecture",
    "Tide data belongs to the port, not to the vessel",
    "tides are needed somewhere",
    "ask `Port::tides`; a vessel carries its draught only",
  ],
  [
    "important",
    "gotcha",
    "The sandbox has no network to the customs gateway",
    "a test calls the gateway",
    "use the recorded answers in `fixtures/customs`; a timeout there is not a failure of the code",
  ],
  [
    "critical",
    "gotcha",
    "Money is in minor units, and yen has none",
    "an amount is shown or parsed",
    "use `Money::display`; never divide by 100",
  ],
];

/** Lines of commands: a history that ends at `end`, and one run that still goes on. */
export function story({ seed = 7, end = Date.now(), runs = 40, slug = "harbour", name = "Harbour" } = {}) {
  const d = dice(seed);
  const lines = [];
  const first = end - 16 * DAY;
  const project = d.id(first);
  const say = (stream, command, body, at) =>
    lines.push({ stream, command, body, commit: d.id(at), occurred_at: new Date(Math.floor(at)).toISOString() });
  say(`project-${project}`, "create", { name, slug, repository_url: "https://github.com/example/harbour" }, first);
  const ids = [];
  for (let index = 0; index < runs; index++) {
    const going = index >= runs - 2;
    const at = going
      ? end - (runs - index) * 7 * 60_000
      : first + ((index + d.next() * 0.8) / runs) * (end - first - DAY / 4);
    ids.push(tell(d, say, project, index, at, going, end));
  }
  for (const [index, [severity, category, description, trigger, correct_behaviour]] of LEARNINGS.entries()) {
    const at = end - (LEARNINGS.length - index) * 5 * 3_600_000;
    const id = d.id(at);
    const body = {
      project,
      severity,
      category,
      description,
      trigger,
      correct_behaviour,
      confidence: Math.round(d.between(55, 97)) / 100,
      source: "agent",
      roles: index % 2 ? ["designer"] : [],
      run: ids[index],
    };
    say(`learning-${id}`, "propose", body, at);
    if (index === 0) say(`learning-${id}`, "approve", { note: "seen in three runs" }, at + 60_000);
    if (index === 2) say(`learning-${id}`, "reject", { reason: "the number is in the log line already" }, at + 60_000);
  }
  const document = compiled(dice(seed + 1), say, project, end);
  const pool = d.id(end - DAY);
  say(
    `budget-pool-${pool}`,
    "open",
    {
      name: "Five-hour window",
      plan: "max",
      capacity: 900,
      unit: "prompts",
      shape: "from_first_use",
      length_ms: 5 * 3_600_000,
    },
    end - DAY,
  );
  for (let index = 0; index < 6; index++) {
    const at = new Date(end - (6 - index) * 20 * 60_000).toISOString();
    say(
      `budget-pool-${pool}`,
      "record-use",
      { amount: 40 + index * 9, at, purpose: index % 3 ? "automated" : "interactive" },
      Date.parse(at),
    );
  }
  const made = furnish(d, say, project, ids, end);
  return { project, runs: ids, lines, document, ...made };
}

/** What every designer reads: two versions, and a learning that was approved since. */
function compiled(d, say, project, end) {
  const at = end - 4 * DAY;
  const document = d.id(at);
  say(`learning-document-${document}`, "open", { project, role: "designer" }, at);
  const learnings = [];
  const approved = ([severity, category, description, trigger, correct_behaviour], when) => {
    const id = d.id(when);
    const body = {
      project,
      severity,
      category,
      description,
      trigger,
      correct_behaviour,
      confidence: 0.9,
      source: "human",
    };
    say(`learning-${id}`, "propose", body, when);
    say(`learning-${id}`, "approve", {}, when + 60_000);
    learnings.push(id);
  };
  const compile = (note, when) =>
    say(`learning-document-${document}`, "compile", { learnings: [...learnings], note }, when);
  approved(APPROVED[0], at);
  compile("the first", at + 120_000);
  approved(APPROVED[1], at + DAY);
  compile("after the spring tide", at + DAY + 120_000);
  approved(APPROVED[2], at + 2 * DAY);
  return document;
}

/** What people set up around the runs: workflows, personas, contexts, assets, issues, schedules, plans, settings. */
function furnish(d, say, project, runs, end) {
  const at = end - 3 * DAY;
  let nth = 0;
  const when = () => at + nth++ * 1_800_000;
  const make = (category, command, body, id = d.id(when())) => {
    say(`${category}-${id}`, command, body, when());
    return id;
  };
  const context = make("context", "create", {
    project,
    name: "Harbour rules",
    session: "evaluating",
    system_prompt: "You score changes to the port's software.\nBe strict about money and time zones.",
    claude_md: "# Harbour\n\nRun `just check` before you score.",
  });
  make(
    "context",
    "update",
    {
      system_prompt: "You score changes to the port's software.\nBe strict about money, tides and time zones.",
      claude_md: "# Harbour\n\nRun `just check` before you score.\nTides come from `Port::tides`.",
      note: "tides were overlooked twice",
    },
    context,
  );
  make("context", "create", { project, name: "Merging", session: "merging", system_prompt: "Keep both sides' tests." });
  const skill = (text) => ({ skill: { files: [{ path: "SKILL.md", content: text }] } });
  const asset = make("asset", "create", {
    project,
    name: "tide-tables",
    description: "Reads tide tables of a port and says when a berth is dry.",
    content: skill("# Tide tables\n\nAsk `Port::tides` for the day.\nA berth is dry below its sill.\n"),
  });
  make("asset", "publish", { version: 1 }, asset);
  make(
    "asset",
    "add-version",
    {
      content: skill(
        "# Tide tables\n\nAsk `Port::tides` for the day and the day after.\nA berth is dry below its sill.\n",
      ),
      note: "vessels stay over midnight",
    },
    asset,
  );
  const command = make("asset", "create", {
    project,
    name: "review-berths",
    content: { command: { expression: "Review the berth plan in $ARGUMENTS for low water." } },
  });
  make("asset", "publish", { version: 1 }, command);
  make("asset", "create", {
    project,
    name: "Warm the cache",
    content: { script: { language: "shell", moment: "before_start", source: "cargo fetch --locked\n" } },
  });
  const designer = make("persona", "create", {
    project,
    name: "Harbour engineer",
    configuration: {
      persona_type: "designer",
      instructions: "You know the domain: berths, tides, demurrage.",
      model: MODELS[0],
      skills: [asset],
    },
  });
  make(
    "persona",
    "configure",
    {
      configuration: {
        persona_type: "designer",
        instructions: "You know the domain: berths, tides, demurrage.\nNever divide money by 100.",
        model: MODELS[0],
        thinking_effort: "high",
        skills: [asset],
        commands: [command],
      },
      note: "yen has no minor unit",
    },
    designer,
  );
  const checker = make("persona", "create", {
    project,
    name: "Second pair of eyes",
    configuration: { persona_type: "checker", instructions: "Run the tests with the change reverted too." },
  });
  make("persona", "create", {
    project,
    name: "Examiner",
    configuration: { persona_type: "evaluator", quality_threshold: 70, context },
  });
  const steps = [
    { role: "planner" },
    { role: "designer", in_loop: "review", model: MODELS[0] },
    { role: "checker", in_loop: "review" },
    { role: "evaluator" },
  ];
  const workflow = make("workflow", "create", {
    project,
    name: "Plan, build, review",
    description: "For changes that touch the plan of the port.",
    definition: {
      workflow_type: "custom_pipeline",
      loops: [{ name: "review", max_iterations: 3 }],
      steps: steps.slice(1),
    },
  });
  make(
    "workflow",
    "define",
    {
      definition: { workflow_type: "custom_pipeline", loops: [{ name: "review", max_iterations: 4 }], steps },
      note: "a planner goes first",
    },
    workflow,
  );
  make("workflow", "create", {
    project,
    name: "Two personas",
    definition: {
      workflow_type: "persona_pipeline",
      loops: [{ name: "until it holds", max_iterations: 3 }],
      steps: [
        { persona: designer, in_loop: "until it holds" },
        { persona: checker, in_loop: "until it holds" },
      ],
    },
  });
  make("workflow", "create", {
    project,
    name: "Quick fix",
    definition: { workflow_type: "single_designer", steps: [{ role: "designer" }] },
  });
  const wish = (title, priority, description) => ({
    title,
    priority,
    description,
    suggested_prompt: `${title}: find where it comes from and mend it there. Add a test that fails without it.`,
  });
  const issues = [
    wish("Crane log loses the last second", "high", "The writer is closed before it is **flushed**."),
    wish("Pilots want the tide beside the berth", "medium", "One column in the yard view is enough."),
    wish(
      "Old tariff is shown after midnight UTC",
      "critical",
      "The cache goes by the server's day:\n\n- not by the port's day\n- nor by the customer's",
    ),
    wish("Container photos are stored twice", "low", "Once on upload, once on rotation."),
    wish("Search forgets the last filter", "medium", "It should stand in the address."),
  ].map((text) => make("issue", "open", { project, text }));
  make("issue", "resolve", { note: "was fixed on the way" }, issues[3]);
  const chain = make("work-chain", "create", {
    project,
    title: "Before the summer timetable",
    branch: "waybill/summer",
    issues: [issues[0], issues[1]],
    on_failure: "retry",
  });
  for (const issue of issues.slice(0, 2)) make("issue", "chain", { chain }, issue);
  make("work-chain", "start", {}, chain);
  const after = new Date(end).toISOString();
  const nightly = make("recurring-task", "create", {
    project,
    name: "Nightly dependency check",
    prompt: "Update what has a fix for a known weakness, and nothing else. Run the tests.",
    schedule: { frequency: { daily: { hour: 2, minute: 30 } }, timezone: "Europe/Berlin" },
    workflow,
    after,
  });
  make("recurring-task", "trigger-now", { run: runs[4] }, nightly);
  const monthly = make("recurring-task", "create", {
    project,
    name: "Tide tables of the coming month",
    prompt: "Fetch the tables and compare them with last year's.",
    schedule: { frequency: { monthly: { day: 28, hour: 7, minute: 0 } }, timezone: "Europe/London" },
    after,
  });
  const sweep = make("recurring-task", "create", {
    project,
    name: "Sweep the yard map",
    prompt: "Find tiles that nothing shows.",
    schedule: { frequency: { weekly: { weekday: "friday", hour: 18, minute: 0 } }, timezone: "UTC" },
    after,
  });
  make("recurring-task", "pause", { reason: "the map moves" }, sweep);
  const plan = make("plan", "propose", {
    project,
    title: "Berths that know the tide",
    rationale:
      "Three runs failed for the same reason: **the plan does not know low water**. First the data, then the planner.",
    items: [
      wish("Tide data for every berth", "high", "A table with a row for each berth and half hour."),
      wish("The planner reads it once", "medium", "Once for each plan, not for each vessel."),
      wish("Show dry berths on the map", "low", "Hatched, with the time of the next flood."),
    ],
  });
  const approved = make("plan", "propose", {
    project,
    title: "Quieter alerts",
    rationale: "Half of them are about one crane.",
    items: [wish("Group alerts of one crane", "medium", "By crane and hour.")],
  });
  make("plan", "approve", { note: "small enough" }, approved);
  const settings = (name, body) => make("project", name, body, project);
  settings("set-env-var", { name: "TZ", value: { plain: { value: "Europe/Berlin" } } });
  settings("set-env-var", { name: "PORT_CODE", value: { plain: { value: "DEHAM" } } });
  settings("configure-session", {
    session: "evaluating",
    context,
    default_model: MODELS[1],
    setup_commands: ["just warm"],
  });
  const weights = { correctness: 3, completeness: 2, test_coverage: 2, type_safety: 1, code_style: 1 };
  settings("set-quality-policy", { weights: { ...weights, correctness: 2 } });
  settings("set-quality-policy", { weights, threshold: 70 });
  settings("invite-member", { invitation: d.id(at), email: "grace@example.org", role: "member" });
  const compared = rivals(d, say, project, end);
  return { context, asset, designer, workflow, issues, chain, monthly, plan, compared };
}

/** Two runs of one task, and a judge who compares them. */
function rivals(d, say, project, end) {
  const start = end - 20 * 3_600_000;
  let at = start;
  const later = (ms) => {
    at += ms;
    return at;
  };
  const candidates = [0, 1].map((nth) => {
    const run = d.id(start + nth);
    const [stream, evaluator, designer] = [`run-${run}`, d.id(start), d.id(start)];
    const model = MODELS[nth];
    say(
      stream,
      "request",
      { project, source: "workflow", title: `Berth planner, ${nth ? "second" : "first"} try`, prompt: TASKS[1][1] },
      later(1000),
    );
    say(stream, "start", {}, later(1000));
    say(stream, "create-branch", { branch: `waybill/berths-${nth ? "b" : "a"}`, base_branch: "main" }, at);
    say(stream, "start-step", { step: designer, role: "designer", model }, later(1000));
    const use = { model, input_tokens: 800, output_tokens: 5200 + nth * 2600, cost_usd: nth ? 1.12 : 2.04 };
    say(stream, "record-usage", { step: designer, ...use }, later(400_000 + nth * 90_000));
    say(stream, "complete-step", { step: designer }, later(1000));
    say(stream, "start-step", { step: evaluator, role: "evaluator", model: MODELS[0] }, later(1000));
    const scores = nth
      ? { correctness: 93, completeness: 88, test_coverage: 91, type_safety: 84, code_style: 79 }
      : { correctness: 86, completeness: 90, test_coverage: 62, type_safety: 88, code_style: 90 };
    say(
      stream,
      "issue-scores",
      { step: evaluator, scores, threshold: 70, summary: nth ? "Thorough tests." : "Neat, thinly tested." },
      later(60_000),
    );
    say(stream, "complete-step", { step: evaluator }, at);
    say(stream, "complete", { summary: "Done." }, later(1000));
    return run;
  });
  const [judge, step] = [d.id(at), d.id(at)];
  const stream = `run-${judge}`;
  say(
    stream,
    "request",
    {
      project,
      source: "workflow",
      title: "Judge the berth planners",
      prompt: "Which of the two is merged?",
      candidates,
    },
    later(1000),
  );
  say(stream, "start", {}, later(1000));
  say(stream, "start-step", { step, role: "judge", model: MODELS[0] }, later(1000));
  say(
    stream,
    "issue-judgement",
    {
      step,
      candidates,
      winner: candidates[1],
      rationale:
        "Both take the tide table into account. Only the second **tests low water at every berth**, and it reads the table once for each plan; the first reads it for each vessel.",
      notes: [
        { candidate: candidates[0], note: "Clean, but `dry_at_low_water` asserts nothing when the table is empty." },
        {
          candidate: candidates[1],
          note: "Slower to write and longer; every branch has a test that fails without it.",
        },
      ],
    },
    later(90_000),
  );
  say(stream, "complete-step", { step }, at);
  say(stream, "complete", { summary: "The second." }, later(1000));
  return candidates;
}

/** One run: designer and checker in a loop, then an evaluator; some fail, some go on. */
function tell(d, say, project, index, start, going, end) {
  const [title, prompt] = TASKS[index % TASKS.length];
  const [run, sandbox] = [d.id(start), d.id(start)];
  const model = d.pick(MODELS);
  const stream = `run-${run}`;
  let at = start;
  const later = (low, high) => {
    at = Math.min(at + d.between(low, high), end);
    return at;
  };
  say(stream, "request", { project, source: d.pick(SOURCES), title, prompt }, at);
  say(`sandbox-${sandbox}`, "create", { project, run }, at);
  say(`sandbox-${sandbox}`, "start", {}, later(500, 4000));
  say(stream, "start", {}, at);
  say(
    stream,
    "create-branch",
    {
      branch: `waybill/${title
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .slice(0, 28)}-${index}`,
      base_branch: "main",
    },
    at,
  );
  const fails = !going && d.next() < 0.14;
  const rounds = going ? 2 : 1 + Math.floor(d.next() * 3);
  const loop = d.id(start);
  for (let round = 1; round <= rounds; round++) {
    work(d, say, stream, later, {
      role: "designer",
      model,
      sandbox,
      round,
      loop,
      lines: going ? 18 : 6 + Math.floor(d.next() * 8),
    });
    if (fails && round === rounds) {
      say(stream, "fail", { error: "the provider refused the request four times in a row" }, later(1000, 9000));
      return run;
    }
    const checker = work(d, say, stream, later, {
      role: "checker",
      model: "claude-sonnet-4-6",
      sandbox,
      round,
      loop,
      lines: 4,
      open: true,
    });
    if (going && round === rounds && index % 2) return run;
    const pass = round === rounds;
    say(
      stream,
      "issue-verdict",
      {
        step: checker,
        pass,
        feedback: pass ? "Every case of the task is covered, and the tests fail without the change." : d.pick(FEEDBACK),
      },
      later(500, 2000),
    );
    say(stream, "complete-step", { step: checker }, at);
    if (!pass) say(stream, "iterate-loop", { loop_id: loop, iteration: round + 1 }, at);
  }
  if (going) {
    work(d, say, stream, later, { role: "evaluator", model: "claude-opus-4-6", sandbox, lines: 2, open: true });
    return run;
  }
  const evaluator = work(d, say, stream, later, {
    role: "evaluator",
    model: "claude-opus-4-6",
    sandbox,
    lines: 3,
    open: true,
  });
  const base = d.between(58, 84) + Math.min(12, index / 3);
  const score = () => Math.round(Math.min(99, Math.max(20, base + d.between(-12, 12))) * 10) / 10;
  const scores = {
    correctness: score(),
    type_safety: score(),
    code_style: score(),
    test_coverage: score(),
    completeness: score(),
  };
  say(
    stream,
    "issue-scores",
    {
      step: evaluator,
      scores,
      threshold: 70,
      summary: "Correct and complete; the tests of the error paths could say more.",
    },
    later(500, 2000),
  );
  say(stream, "complete-step", { step: evaluator }, at);
  if (d.next() < 0.75) {
    const number = 400 + index;
    say(
      stream,
      "open-pull-request",
      { number, url: `https://github.com/example/harbour/pull/${number}` },
      later(1000, 3000),
    );
    const failing = d.next() < 0.2;
    const checks = ["build", "test", "lint"].map((check, nth) => ({
      name: check,
      status: failing && nth === 1 ? "failing" : "passing",
      details_url: `https://github.com/example/harbour/actions/runs/${number}${nth}`,
    }));
    say(stream, "record-ci-checks", { status: failing ? "failing" : "passing", checks }, later(60_000, 240_000));
  }
  say(stream, "complete", { summary: `Done on its branch: ${title.toLowerCase()}.` }, later(500, 2000));
  say(`sandbox-${sandbox}`, "kill", { reason: "completion" }, at);
  return run;
}

const FILES = [
  "src/manifest/stream.rs",
  "src/berths/plan.rs",
  "src/invoice/demurrage.rs",
  "tests/scheduler.rs",
  "src/api/limits.rs",
];

/** A step with what was said in it; left open where the caller ends it. */
function work(d, say, stream, later, { role, model, sandbox, round, loop, lines, open = false }) {
  const step = d.id(later(800, 3000));
  const looped = loop === undefined ? {} : { loop_id: loop, loop_iteration: round };
  say(
    stream,
    "start-step",
    {
      step,
      role,
      sandbox,
      cli_tool: "claude",
      model,
      thinking_effort: role === "designer" ? "high" : "medium",
      iteration: round ?? 1,
      ...looped,
    },
    later(10, 20),
  );
  const message = (who, content, more = {}) =>
    say(
      stream,
      "append-step-message",
      { step, message: d.id(later(900, 5000)), role: who, content, ...more },
      later(1, 5),
    );
  message(
    "user",
    role === "designer"
      ? round > 1
        ? `The checker sent it back:\n\n> ${FEEDBACK[round % 3]}`
        : "Read the code that this touches first, then make the change with its tests."
      : role === "checker"
        ? "Review the change. Run the tests with the change reverted too."
        : "Score the change.",
  );
  for (let line = 0; line < lines; line++) {
    const file = d.pick(FILES);
    const call = `toolu_${d.id(1).slice(-12)}`;
    if (line % 3 === 0)
      message(
        "assistant",
        line === 0
          ? `I'll begin with \`${file}\` and what calls it, then decide where the change belongs.`
          : `That confirms it. Two things follow:\n\n1. \`${file}\` holds the rule twice, and the copies differ.\n2. Nothing tests the **empty** case.\n\nI'll put the rule in one place and test it there.`,
        { stop_reason: "toolUse" },
      );
    const [tool, input, output] = d.pick([
      [
        "read",
        { path: file },
        `//! ${file}\n\npub fn plan(vessels: &[Vessel], tides: &Tides) -> Plan {\n    let mut plan = Plan::default();\n    for vessel in vessels {\n        plan.push(vessel.berth(tides));\n    }\n    plan\n}\n`,
      ],
      [
        "bash",
        { command: "cargo test -p berths" },
        "\u001b[32m   Compiling\u001b[0m berths v0.4.2\n\u001b[32m    Finished\u001b[0m `test` profile in 4.31s\n\nrunning 42 tests\ntest plan::tests::two_cranes ... \u001b[32mok\u001b[0m\ntest plan::tests::dry_at_low_water ... \u001b[31mFAILED\u001b[0m\n\ntest result: \u001b[31mFAILED\u001b[0m. 41 passed; 1 failed",
      ],
      [
        "edit",
        { path: file },
        `--- a/${file}\n+++ b/${file}\n@@ -12,7 +12,9 @@ impl Plan {\n     for vessel in vessels {\n-        let berth = free.first();\n+        let berth = free\n+            .iter()\n+            .find(|berth| berth.depth_at(tides) >= vessel.draught);\n         plan.push(berth);\n     }\n`,
      ],
      ["grep", { pattern: "fn plan_berths" }, `${file}:48:pub fn plan_berths(`],
    ]);
    say(stream, "record-tool-call", { step, call_id: call, tool, arguments: JSON.stringify(input) }, later(300, 2000));
    say(
      stream,
      "record-tool-result",
      {
        step,
        call_id: call,
        tool,
        output,
        is_error: output.includes("FAILED"),
        duration_ms: Math.floor(d.between(8, 4200)),
      },
      later(200, 9000),
    );
    const cached = Math.floor(d.between(20_000, 140_000));
    say(
      stream,
      "record-usage",
      {
        step,
        model,
        provider: model.startsWith("gpt") ? "openai" : "anthropic",
        input_tokens: Math.floor(d.between(40, 900)),
        output_tokens: Math.floor(d.between(200, 2400)),
        cache_read_tokens: cached,
        cache_write_tokens: Math.floor(cached / 9),
        cost_usd: Math.round(d.between(0.02, 0.21) * 1e4) / 1e4,
      },
      later(10, 900),
    );
  }
  if (!open) {
    message(
      "assistant",
      "Done. The rule stands in one place, with a test for each case of the task; all of them fail without the change.",
      { stop_reason: "stop" },
    );
    say(stream, "complete-step", { step }, later(50, 200));
  }
  return step;
}

/** Sends commands, and throws at the first that is refused. */
export async function send(url, token, lines) {
  for (let at = 0; at < lines.length; at += 400) {
    const body = lines
      .slice(at, at + 400)
      .map((line) => JSON.stringify(line))
      .join("\n");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" };
    const answer = await fetch(`${url}/v1/commands`, { method: "POST", headers, body });
    const answers = (await answer.text()).trim().split("\n");
    answers.forEach((text, nth) => {
      if (JSON.parse(text).error) throw new Error(`${JSON.stringify(lines[at + nth])}\n${text}`);
    });
  }
}
