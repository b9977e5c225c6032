"use strict";
/*
 * The dashboard: shows what GET api/v1/live sends, and does what the operator confirms.
 * Every text from outside is set as text and never as markup.
 */

const $ = (id) => document.getElementById(id);
const EVENTS_SHOWN = 300;
const SAMPLES_SHOWN = 120;
const CERTIFICATE_WARNING_DAYS = 14;
const LOST_AFTER_MILLIS = 5000;
const RETRY_MILLIS = [500, 1000, 2000, 5000];

const state = {
  hello: null,
  groups: new Map(),
  directory: [],
  certificates: [],
  drains: new Map(),
  sessionsByHost: {},
  samples: [],
  clockSkew: 0,
  lastHeard: 0,
  attempt: 0,
  newestEvent: 0,
  following: false,
};

// ---- small tools

/** What could hide or reorder text is shown as its number, wherever it comes from. */
const visible = (text) => String(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
  (each) => (each === "\n" || each === "\t" ? each : `\\u{${each.codePointAt(0).toString(16)}}`));

/** An element: attributes, "on…" listeners, then children; texts become text nodes. */
function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? "" : visible(value));
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined)
    .map((child) => (child instanceof Node ? child : visible(child))));
  return made;
}

function fill(place, ...children) {
  place.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

/** Shows the new children, and leaves the keyboard where it was. */
function fillKeepingFocus(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  fill(place, ...children);
  if (focused) {
    const again = [...place.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === focused);
    if (again) again.focus({ preventScroll: true });
  }
}

/** The front end's clock, in milliseconds: ages are told by it and not by the reader's clock. */
const now = () => Date.now() + state.clockSkew;

function duration(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

/** An age that goes on by itself, see tick(). */
const age = (since) => el("span", { "data-since": since }, duration(now() - since));
const rest = (until) => el("span", { "data-until": until }, duration(until - now()));
const words = (code) => String(code).replaceAll("-", " ");
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

function clock(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date(now()).toDateString();
  const text = today ? date.toLocaleTimeString([], { hour12: false }) : date.toLocaleString([], { hour12: false });
  return el("time", { datetime: date.toISOString(), title: date.toString() }, text);
}

// ---- token and requests

const TOKEN = "openmmp-token";

function token() {
  try {
    return sessionStorage.getItem(TOKEN) || "";
  } catch (blocked) {
    return state.token || "";
  }
}

function keepToken(value) {
  state.token = value;
  try {
    sessionStorage.setItem(TOKEN, value);
  } catch (blocked) {
    // It is kept as long as the page is.
  }
}

function request(path, parameters, options) {
  // A plus sign stands for itself there, and not for a space.
  const query = new URLSearchParams(parameters || {}).toString().replaceAll("+", "%20");
  const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
  return fetch(`api/v1/${path}${query ? `?${query}` : ""}`, {
    cache: "no-store", credentials: "omit", redirect: "error", headers, ...options,
  });
}

async function json(path, parameters) {
  const response = await request(path, { ...parameters, format: "json" });
  if (!response.ok) throw new Error((await response.text()).trim() || `answer ${response.status}`);
  return response.json();
}

// ---- the live feed: server-sent events read by fetch, since EventSource cannot show a token

async function follow() {
  if (state.following) return;
  state.following = true;
  for (;;) {
    const stop = new AbortController();
    state.stop = stop;
    const answer = await listen(stop.signal);
    if (answer === 401 || answer === 403) {
      link("lost", "a token is needed");
      if ($("ask").open || !(await askForToken())) break;
    } else {
      link("lost", "connection lost, trying again");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS[Math.min(state.attempt++, RETRY_MILLIS.length - 1)]));
    }
  }
  state.following = false;
}

/** Hears what is told until that ends; the status of an answer that was none. */
async function listen(signal) {
  try {
    const response = await request("live", {}, { signal });
    if (!response.ok) return response.status;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let kept = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return 0;
      kept += value;
      for (let end = kept.indexOf("\n\n"); end >= 0; end = kept.indexOf("\n\n")) {
        take(kept.slice(0, end));
        kept = kept.slice(end + 2);
      }
    }
  } catch (lost) {
    return 0; // told by the caller, whatever the reason
  }
}

function link(what, text) {
  $("link").dataset.state = what;
  $("link").textContent = visible(text);
}

function take(block) {
  let name = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5);
  }
  state.lastHeard = Date.now();
  state.attempt = 0;
  if ($("link").dataset.state !== "live") link("live", "live");
  const hear = heard[name];
  if (!hear || !data) return;
  try {
    hear(JSON.parse(data));
  } catch (mistake) {
    console.error(`the event ${name} cannot be shown`, mistake);
  }
}

const heard = {
  hello(hello) {
    if (hello.started !== state.hello?.started) {
      state.samples = [];
      state.newestEvent = 0;
      $("events").replaceChildren();
    }
    state.hello = hello;
    state.clockSkew = hello.now - Date.now();
    $("hostname").textContent = visible(hello.hostname);
    document.title = visible(`OpenMMP ${hello.hostname}`);
    const chosen = $("service").value;
    fill($("service"), ...hello.services.map((each) => el("option", { value: each }, each)));
    if (hello.services.includes(chosen)) $("service").value = chosen;
    showAbout();
    showTrouble();
  },
  groups(news) {
    if (news.full) {
      state.groups.clear();
      $("groups").replaceChildren();
    }
    for (const group of news.groups) {
      state.groups.set(group.group, group);
      showLane(group);
    }
    applyFilter();
    showTrouble();
  },
  directory(servers) {
    state.directory = servers;
    showDirectory();
    showTrouble();
  },
  certificates(certificates) {
    state.certificates = certificates;
    showCertificates();
    showTrouble();
  },
  counts(sample) {
    const before = state.samples[state.samples.length - 1];
    state.samples.push(sample);
    if (state.samples.length > SAMPLES_SHOWN) state.samples.shift();
    showTiles();
    showPhases();
    showSite(sample.site, sample.alone);
    const changed = new Set();
    for (const host of new Set([...Object.keys(sample.hosts), ...Object.keys(before?.hosts || {})])) {
      if (sample.hosts[host] !== before?.hosts[host]) changed.add(host);
    }
    state.sessionsByHost = sample.hosts;
    state.movable = sample.movable || {};
    for (const shown of document.querySelectorAll("[data-movable]")) {
      const text = movableOf(shown.dataset.movable);
      if (shown.textContent !== text) shown.textContent = text;
    }
    for (const host of changed) {
      for (const shown of document.querySelectorAll(`[data-sessions="${CSS.escape(host)}"]`)) {
        shown.textContent = sessionsAt(host);
      }
    }
    if (changed.size) {
      for (const group of state.groups.values()) {
        if (group.hosts.some((host) => host.duty !== IN_USE && changed.has(host.host))) showLane(group);
      }
      showTrouble();
    }
  },
  happened(event) {
    if (event.id <= state.newestEvent) return;
    state.newestEvent = event.id;
    const shown = el("li", { class: event.grade || "", "data-event": event.id }, clock(event.at), event.text);
    const list = $("events");
    list.prepend(shown);
    while (list.children.length > EVENTS_SHOWN) list.lastChild.remove();
  },
};

// ---- tiles

function sum(numbers) {
  return Object.values(numbers).reduce((all, each) => all + each, 0);
}

/** What was counted between two samples, by the second. */
function rates(count) {
  const all = [];
  for (let i = 1; i < state.samples.length; i++) {
    const seconds = (state.samples[i].at - state.samples[i - 1].at) / 1000;
    all.push(seconds > 0 ? Math.max(0, count(state.samples[i]) - count(state.samples[i - 1])) / seconds : 0);
  }
  return all;
}

function outcome(sample, wanted) {
  let all = 0;
  for (const byOutcome of Object.values(sample.logins)) {
    for (const [name, count] of Object.entries(byOutcome)) {
      if (wanted(name)) all += count;
    }
  }
  return all;
}

function sparkline(values, kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${SAMPLES_SHOWN} 24`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const most = Math.max(1, ...values);
  const offset = SAMPLES_SHOWN - values.length;
  const line = values.map((value, i) => `${i ? "L" : "M"}${offset + i} ${(23 - (value / most) * 22).toFixed(2)}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", line.join("") || "M0 23");
  if (kind) path.setAttribute("class", kind);
  svg.append(path);
  return svg;
}

function tile(title, value, details, values, kind) {
  return el("div", { class: "tile" }, el("span", { class: "quiet" }, title), el("b", {}, value),
    el("span", { class: "quiet" }, details), values ? sparkline(values, kind) : null);
}

const number = (value) => (value >= 10 ? Math.round(value).toLocaleString() : value.toFixed(1));
const last = (values) => values[values.length - 1] || 0;

function showTiles() {
  const sample = state.samples[state.samples.length - 1];
  const refusals = state.hello?.refusals || [];
  const accepted = rates((each) => outcome(each, (name) => name === "accepted"));
  const refused = rates((each) => outcome(each, (name) => refusals.includes(name)));
  const failed = rates((each) => outcome(each, (name) => name !== "accepted" && !refusals.includes(name)));
  const delivered = rates((each) => sum(each.deliveries || {}));
  const byService = Object.entries(sample.sessions).map(([name, count]) => `${name} ${count.toLocaleString()}`).join(" · ");
  fill($("tiles"),
    tile("Sessions", sum(sample.sessions).toLocaleString(), byService || "none", state.samples.map((each) => sum(each.sessions))),
    tile("Logins a second", number(last(accepted)), "let in", accepted),
    tile("Refused a second", number(last(refused)), "wrong password, disabled …", refused),
    tile("Failed a second", number(last(failed)), "directory, store or front end", failed, last(failed) > 0 ? "bad" : ""),
    state.hello?.services.includes("lmtp") ? tile("Recipients a second", number(last(delivered)), "answered by the relay", delivered) : null,
    tile("Waiting", String(sample.waiting), "logins and deliveries in line for a store", state.samples.map((each) => each.waiting)));
}

function showPhases() {
  const newest = state.samples[state.samples.length - 1];
  const oldest = state.samples[Math.max(0, state.samples.length - 31)];
  const rows = [];
  for (const [service, phases] of Object.entries(newest.phases || {})) {
    for (const [phase, spent] of Object.entries(phases)) {
      const before = oldest.phases?.[service]?.[phase] || { count: 0, seconds: 0 };
      const count = spent.count - before.count;
      if (count > 0) rows.push({ service, phase, count, millis: ((spent.seconds - before.seconds) / count) * 1000 });
    }
  }
  rows.sort((a, b) => b.millis - a.millis);
  fill($("phases"),
    el("tr", {}, el("th", {}, "phase"), el("th", {}, "service"), el("th", {}, "mean, last 30 s"), el("th", {}, "times")),
    ...rows.slice(0, 10).map((row) => el("tr", {}, el("td", {}, words(row.phase)), el("td", {}, row.service),
      el("td", { class: "number" }, `${row.millis.toFixed(row.millis < 10 ? 2 : 0)} ms`), el("td", { class: "number" }, row.count.toLocaleString()))),
    rows.length ? null : el("tr", {}, el("td", { colspan: 4, class: "quiet" }, "no login in the last 30 s")));
}

// ---- groups

const lane = (name) => [...$("groups").children].find((each) => each.dataset.group === name);
const STATES_THAT_FAIL = ["cooling", "half-open"];
const IN_USE = "in-use";
const DUTIES = {
  "to-be-drained": "being drained",
  "drained-and-needed": "drained, but still needed",
  drained: "drained",
  retired: "retired",
};

/** How far a drain has come: how many sessions there were since it began, and are. */
function drainOf(host) {
  if (host.duty === IN_USE) {
    state.drains.delete(host.host);
    return null;
  }
  const left = state.sessionsByHost[host.host] || 0;
  const drain = { began: Math.max(left, state.drains.get(host.host)?.began || 0), left };
  state.drains.set(host.host, drain);
  return drain;
}

function sessionsAt(host) {
  return plural(state.sessionsByHost[host] || 0, "session", "sessions");
}

/** What is wrong with a group: [grade, words, whether no host is out by it]. */
function troublesOf(group) {
  const found = [];
  for (const [service, told] of Object.entries(group.services)) {
    const fails = group.hosts.filter((host) => STATES_THAT_FAIL.includes(host.services[service]?.state));
    if (group.hosts.length && fails.length === group.hosts.length) {
      found.push(["bad", `${group.group}, ${service}: no host answers`]);
    } else if (told.noMaster) {
      found.push(["bad", `${group.group}, ${service}: no host is master`]);
    } else if (fails.length) {
      found.push(["warn", `${group.group}, ${service}: ${fails.map((host) => host.host).join(", ")} ${fails.length === 1 ? "is" : "are"} out`]);
    }
    if (told.onlyStandbySiteLeft) found.push(["bad", `${group.group}, ${service}: only the standby site is left`]);
  }
  for (const [service, kinds] of Object.entries(group.differences || {})) {
    for (const [kind, text] of Object.entries(kinds)) found.push(["warn", `${group.group}, ${service}: hosts differ in ${kind}: ${text}`, true]);
  }
  if (group.recovery) found.push(["warn", `${group.group} is in recovery: unknown users are told as temporary`, true]);
  return found;
}

function hostCard(group, host) {
  const services = Object.entries(host.services);
  const masterOf = Object.entries(group.services).filter(([, told]) => told.master === host.host).map(([service]) => service);
  const out = host.duty !== IN_USE || services.some(([, told]) => STATES_THAT_FAIL.includes(told.state));
  const lines = services.map(([service, told]) => {
    const grade = STATES_THAT_FAIL.includes(told.state) ? "bad" : told.state === "working" ? "good" : "off";
    const more = told.lastReason || (told.lastOutcome ? words(told.lastOutcome) : "");
    return el("li", { title: more || null }, `${service} `, el("span", { class: grade }, words(told.state)),
      told.coolDownUntil > now() ? el("span", {}, ", tried again in ", rest(told.coolDownUntil)) : null,
      told.failures > 1 ? `, ${told.failures} failures in a row` : null,
      told.waiting ? `, ${told.waiting} waiting` : null,
      grade === "bad" && more ? el("div", { class: "quiet" }, more) : null);
  });
  const drain = drainOf(host);
  const buttons = host.duty === IN_USE
    ? [action("Drain", "drain", { host: host.host }, `New sessions go to the other hosts of every group that lists ${host.host}. Sessions there end one after the other, where nothing is open.`),
       action("Retire", "retire", { host: host.host }, `${host.host} is not chosen again until the front end is told so or starts again, and its sessions end.`)]
    : [action("Back in service", "undrain", { host: host.host }, `${host.host} is chosen again as the list and its answers say.`)];
  if (group.hosts.length > 1 && host.duty === IN_USE && !masterOf.length) {
    buttons.push(action("Prefer", "prefer", { host: host.host, group: group.group }, `Logins of ${group.group} ask ${host.host} first. What a store answers or refers to outweighs this.`));
  }
  return el("div", { class: `host${masterOf.length ? " master" : ""}${out ? " out" : ""}`, "data-host": host.host },
    el("h4", {}, host.host, masterOf.length ? el("span", { class: "badge good" }, `master: ${masterOf.join(", ")}`) : null,
      host.duty !== IN_USE ? el("span", { class: "badge warn" }, DUTIES[host.duty] || words(host.duty)) : null,
      Object.values(group.services).some((told) => told.preferred === host.host) ? el("span", { class: "badge off" }, "preferred") : null,
      host.standbySite ? el("span", { class: "badge off" }, "standby site") : null),
    el("ul", {}, ...lines),
    group.implicit ? null : el("span", { class: "quiet", "data-sessions": host.host }, sessionsAt(host.host)),
    drain ? el("div", { class: "drain" }, el("progress", { max: Math.max(1, drain.began), value: drain.began - drain.left, "aria-label": `drain of ${host.host}` }),
      el("span", { class: "quiet" }, drain.left ? `${drain.left} of ${plural(drain.began, "session", "sessions")} left` : "empty")) : null,
    group.implicit ? null : el("div", { class: "bar" }, ...buttons));
}

/** How many sessions could outlive their store now, and why the others could not. */
function movableOf(group) {
  const told = state.movable?.[group];
  if (!told) return "";
  const not = Object.entries(told.not).map(([why, count]) => `${count} ${why}`).join(", ");
  return `${plural(told.movable, "session", "sessions")} could outlive ${told.movable === 1 ? "its" : "their"} store now${not ? `; not: ${not}` : ""}`;
}

function showLane(group) {
  const troubles = troublesOf(group);
  const used = Object.values(group.services).some((told) => told.master || told.used);
  const health = troubles.some(([grade]) => grade === "bad") ? "bad" : troubles.length ? "warn" : used ? "good" : "idle";
  let place = lane(group.group);
  if (!place) {
    place = el("article", { class: "lane", "data-group": group.group, "aria-label": `group ${group.group}` });
    const after = [...$("groups").children].find((each) => each.dataset.group > group.group);
    $("groups").insertBefore(place, after || null);
  }
  place.dataset.health = health;
  place.dataset.text = [group.group, ...group.hosts.map((host) => host.host)].join(" ").toLowerCase();
  // Services of which the same is told share a line.
  const alike = new Map();
  for (const [service, told] of Object.entries(group.services)) {
    const key = JSON.stringify([told.master, told.preferred, told.since, told.why, told.failsOver, Boolean(told.master) || told.used, told.waiting]);
    alike.set(key, { told, names: [...(alike.get(key)?.names || []), service] });
  }
  const services = [...alike.values()].map(({ told, names }) => el("li", {}, el("b", {}, names.join(", ")), " ",
    told.master ? el("span", {}, `master ${told.master} for `, age(told.since), `: ${told.why}`)
      : el("span", { class: "quiet" }, !told.failsOver ? "no failover, only the mail host is asked" : told.used ? "no master known" : "not used yet"),
    told.waiting ? el("span", { class: "warn" }, `; ${told.waiting} waiting`) : null));
  const anyMaster = Object.values(group.services).some((told) => told.master || told.preferred);
  const standby = group.hosts.some((host) => host.standbySite);
  const active = Object.values(group.services).some((told) => told.standbySiteActive);
  fillKeepingFocus(place,
    el("div", { class: "bar" }, el("h3", {}, group.group),
      el("span", { class: `badge ${health === "idle" ? "off" : health}` }, health === "good" ? "serving" : health === "idle" ? "not used yet" : health === "warn" ? (troubles.every(([, , serves]) => serves) ? "serving" : "a host is out") : "TROUBLE"),
      active ? el("span", { class: "badge warn" }, "standby site active") : null,
      group.recovery ? el("span", { class: "badge warn" }, "in recovery") : null,
      group.implicit ? el("span", { class: "badge off" }, "not configured") : null,
      !group.implicit && anyMaster ? action("Fail back", "failback", { group: group.group }, `New logins of ${group.group} begin with the first host of its list again. Sessions stay where they are; with survive-failover those of IMAP follow to the master.`) : null,
      group.recovery ? action("End recovery", "recovery", { name: group.group, switch: "off" }, `What the stores of ${group.group} say of unknown users is final again: mail for them is returned.`) : null,
      standby && !active ? action("Activate standby site", "activate-site", { group: group.group }, `The hosts of ${group.group}'s standby site are used from now on, also after a restart. Do this only when the other site can take no more mail.`) : null,
      standby && active ? action("Deactivate standby site", "deactivate-site", { group: group.group }, `The hosts of ${group.group}'s standby site are used no longer.`) : null),
    el("ul", { class: "services" }, ...services),
    el("p", { class: "quiet", "data-movable": group.group }, movableOf(group.group)),
    el("div", { class: "hosts" }, ...group.hosts.map((host) => hostCard(group, host))));
}

function applyFilter() {
  const wanted = $("filter").value.trim().toLowerCase();
  const troubled = $("only-troubled").checked;
  let shown = 0;
  for (const each of $("groups").children) {
    const fits = each.dataset.text.includes(wanted) && (!troubled || each.dataset.health === "bad" || each.dataset.health === "warn");
    each.hidden = !fits;
    if (fits) shown++;
  }
  const all = state.groups.size;
  $("group-count").textContent = visible(shown === all ? plural(all, "group", "groups") : `${shown} of ${plural(all, "group", "groups")}`);
}

function showTrouble() {
  const found = [...state.groups.values()].flatMap(troublesOf);
  const aside = state.directory.filter((server) => server.state === "aside");
  if (aside.length && aside.length === state.directory.length) found.unshift(["bad", "no directory server can be used"]);
  else if (aside.length) found.push(["warn", `directory ${aside.map((server) => server.server).join(", ")} cannot be used`]);
  for (const certificate of state.certificates) {
    const days = Math.floor((certificate.until - now()) / 86400000);
    if (days < 0) found.unshift(["bad", `the certificate of ${certificate.name} has expired`]);
    else if (days < CERTIFICATE_WARNING_DAYS) found.push(["warn", `the certificate of ${certificate.name} expires in ${plural(days, "day", "days")}`]);
  }
  for (const [host, drain] of state.drains) {
    found.push(["warn", `${host} is taken out of use: ${drain.left ? `${plural(drain.left, "session", "sessions")} left` : "no session left"}`]);
  }
  for (const domain of state.hello?.domainsInRecovery || []) found.unshift(["warn", `${domain === "*" ? "every domain" : domain} is in recovery: unknown users are told as temporary`]);
  if (state.hello?.draining) found.unshift(["warn", "this front end takes no new clients"]);
  const key = JSON.stringify(found);
  if (key === state.troubleShown) return;
  state.troubleShown = key;
  found.sort((a, b) => (a[0] === b[0] ? 0 : a[0] === "bad" ? -1 : 1));
  $("trouble").hidden = !found.length;
  $("trouble").dataset.grade = found[0]?.[0] || "";
  fill($("trouble"), el("ul", {}, ...found.slice(0, 12).map(([grade, text]) => el("li", { class: grade }, text)),
    found.length > 12 ? el("li", {}, `and ${found.length - 12} more`) : null));
}

// ---- side tables

function showDirectory() {
  fill($("directory"), el("tr", {}, el("th", {}, "server"), el("th", {}, "state"), el("th", {}, "for"), el("th", {}, "last trouble")),
    ...state.directory.map((server) => el("tr", {}, el("td", {}, server.server),
      el("td", { class: { up: "good", aside: "bad", behind: "warn" }[server.state] || "off" }, words(server.state)),
      el("td", {}, server.state === "untried" ? "–" : age(server.since)), el("td", {}, server.lastTrouble || "–"))));
}

function showCertificates() {
  fill($("certificates"), ...state.certificates.map((each) => {
    const days = Math.floor((each.until - now()) / 86400000);
    return el("tr", {}, el("td", {}, each.name), el("td", { class: days < 0 ? "bad" : days < CERTIFICATE_WARNING_DAYS ? "warn" : "" },
      days < 0 ? "expired" : `${plural(days, "day", "days")} left`), el("td", { class: "quiet" }, new Date(each.until).toLocaleDateString()));
  }), state.certificates.length ? null : el("tr", {}, el("td", { class: "quiet" }, "none configured")));
}

/** The front ends that act as one; nothing of it where nothing is shared. */
function showSite(site, alone) {
  $("site-section").hidden = !site;
  $("site-alone").hidden = !alone;
  $("site-alone").textContent = alone ? `This front end works alone: ${alone}` : "";
  fill($("site"), ...(site ?? []).map((each) => el("tr", {}, el("td", {}, each.node + (each.own ? " (this one)" : "")),
    el("td", { class: each.state === "away" || each.state === "other key" ? "bad" : each.state === "here" ? "" : "warn" }, each.state),
    el("td", {}, plural(each.clients, "client", "clients")),
    el("td", { class: each.sameGroups ? "quiet" : "bad" }, each.sameGroups ? "the same groups" : "other groups"),
    el("td", { class: "quiet" }, each.version))));
}

function showAbout() {
  const told = [["Version", state.hello.version], ["Java", state.hello.java], ["Host", state.hello.hostname], ["Started", new Date(state.hello.started).toLocaleString()],
    ["Services", state.hello.services.join(", ")], ["Group table", state.hello.fingerprint]];
  fill($("about"), ...told.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

// ---- explain

async function explain(user, service) {
  $("explain-title").textContent = visible(`${user} (${service})`);
  fill($("explain-body"), el("p", { class: "quiet" }, "asking …"));
  if (!$("explain").open) $("explain").showModal();
  try {
    const answer = await request("explain", { user, service, format: "text" });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.trim());
    const found = can("sessions") ? await json("sessions", { user }).catch(() => ({ sessions: [] })) : null;
    fill($("explain-body"), el("pre", {}, text), found && sessionTable(user, found.sessions), actionsOn(user));
  } catch (failure) {
    fill($("explain-body"), el("p", { class: "bad" }, failure.message));
  }
}

function sessionTable(user, sessions) {
  if (!sessions.length) return el("p", { class: "quiet" }, "No session of this user here now.");
  return el("section", {}, el("h2", {}, plural(sessions.length, "session", "sessions")),
    el("table", {}, el("tr", {}, ...["service", "client", "host", "for", "octets", "session"].map((title) => el("th", {}, title))),
      ...sessions.slice(0, 100).map((each) => el("tr", {}, el("td", {}, each.service), el("td", {}, each.client), el("td", {}, each.host),
        el("td", {}, duration(each.forSeconds * 1000)), el("td", { class: "number" }, (each.fromClient + each.toClient).toLocaleString()), el("td", {}, each.session)))));
}

function actionsOn(user) {
  return el("p", {}, action("End these sessions", "kick", { user }, `Every session of ${user} at this front end ends. Mail clients connect again.`),
    " ", action("Forget what the directory said", "flush", { name: user }, `The next login of ${user} asks the directory.`));
}

// ---- doing

/** Whether this front end has that page of its API. */
const can = (path) => Boolean(state.hello?.pages.includes(path));

/** A button for an action that is asked about first; none if this front end does not know the action. */
function action(title, path, parameters, explanation) {
  if (!can(path)) return null;
  const key = `${path} ${Object.values(parameters).join(" ")}`;
  return el("button", { type: "button", "data-focus": key, "data-action": path, onclick: () => askAndDo(title, path, parameters, explanation) }, title);
}

function ask(title, text, withToken, yes) {
  $("ask-title").textContent = visible(title);
  $("ask-text").textContent = visible(text);
  $("ask-result").textContent = "";
  $("ask-token-line").hidden = !withToken;
  $("ask-token").value = "";
  $("ask-yes").textContent = visible(yes);
  $("ask-yes").hidden = false;
  $("ask-no").textContent = "Cancel";
  $("ask").returnValue = "";
  $("ask").showModal();
  (withToken ? $("ask-token") : $("ask-no")).focus();
}

/** Whether one was given. */
function askForToken() {
  return new Promise((resolve) => {
    ask("Token", "This front end asks for a bearer token (openmmp.admin).", true, "Use it");
    $("ask").querySelector("form").onsubmit = null;
    $("ask").onclose = () => {
      const given = $("ask").returnValue === "yes" && $("ask-token").value.trim();
      if (given) keepToken(given);
      $("ask-token").value = "";
      resolve(Boolean(given));
    };
  });
}

function askAndDo(title, path, parameters, explanation) {
  const asked = `${path} ${Object.values(parameters).join(" ")}`;
  ask(`${title}: ${Object.values(parameters)[0]}`, explanation, !token(), title);
  // What was pressed may have been drawn anew meanwhile.
  $("ask").onclose = () => [...document.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === asked)?.focus();
  $("ask").querySelector("form").onsubmit = async (submitted) => {
    if (submitted.submitter?.value !== "yes") return;
    submitted.preventDefault();
    if ($("ask-token").value) keepToken($("ask-token").value.trim());
    $("ask-yes").disabled = true;
    try {
      const response = await request(path, { ...parameters, format: "text" }, { method: "POST" });
      const text = (await response.text()).trim();
      $("ask-result").className = response.ok ? "good" : "bad";
      $("ask-result").textContent = visible(text || (response.ok ? "done" : `answer ${response.status}`));
      if (response.status === 401 || response.status === 403) $("ask-token-line").hidden = false;
      else $("ask-yes").hidden = true;
      $("ask-no").textContent = "Close";
      $("ask-no").focus();
    } catch (failure) {
      $("ask-result").className = "bad";
      $("ask-result").textContent = "the front end does not answer";
    } finally {
      $("ask-yes").disabled = false;
      $("ask-token").value = "";
    }
  };
}

// ---- the page itself

function tick() {
  for (const each of document.querySelectorAll("[data-since]")) each.textContent = duration(now() - Number(each.dataset.since));
  for (const each of document.querySelectorAll("[data-until]")) each.textContent = duration(Number(each.dataset.until) - now());
  if ($("link").dataset.state === "live" && Date.now() - state.lastHeard > LOST_AFTER_MILLIS) {
    link("lost", "nothing heard for 5 s");
    state.stop?.abort();
  }
}

$("search").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const user = $("user").value.trim();
  if (user) explain(user, $("service").value || "imap");
});
$("filter").addEventListener("input", applyFilter);
$("only-troubled").addEventListener("change", applyFilter);
$("token-button").addEventListener("click", async () => {
  if (!(await askForToken())) return;
  state.stop?.abort();
  follow();
});
document.addEventListener("keydown", (pressed) => {
  if (pressed.key === "/" && !pressed.ctrlKey && !pressed.metaKey && !pressed.altKey && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName) && !document.querySelector("dialog[open]")) {
    pressed.preventDefault();
    $("user").focus();
  }
});
setInterval(tick, 1000);
follow();
