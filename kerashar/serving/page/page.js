// Shows what a server tells its viewers: the signals of a stream, and what its model says of them.
"use strict";

const SECONDS = 10; // that are drawn
const SHOWN = 5; // likeliest activities
const COLOURS = 8; // in page.css
const PANELS = 6; // before channels are put together by their units alone
const at = (id) => document.getElementById(id);
const streams = new Map(); // by number: {name, points: [[seconds, values]], said: [[from, to, label]], last}
let model = null;
let token = "";
let panels = [];
let chosen = null;
let drawing = false;

// "WALKING_UPSTAIRS" reads as "Walking upstairs".
function words(label) {
  const text = label.replaceAll("_", " ").trim();
  const lower = text === text.toUpperCase() ? text.toLowerCase() : text;
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}

const percent = (share) => `${Math.round(share * 100)} %`;

function put(parent, tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  parent.append(element);
  return element;
}

function link(state, text) {
  at("link").dataset.state = state;
  at("link").textContent = text;
}

async function start() {
  let answer;
  try {
    answer = await fetch("/v1/model", { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  } catch {
    link("gone", "server gone, trying again");
    setTimeout(start, 2000);
    return;
  }
  at("ask").hidden = answer.status !== 401;
  if (!answer.ok) {
    link("gone", answer.status === 401 ? "token needed" : `server says ${answer.status}`);
    return;
  }
  model = await answer.json();
  const rate = model.card.rate ? ` · ${model.card.rate} Hz` : "";
  at("model").textContent = `${model.name} · ${model.file} · ${model.classes.length} activities${rate} · kerashar ${model.version}`;
  panels = panelsOf(model.card);
  watch();
}

// The axes of one sensor share a panel: "gyro_x" and "gyro_y" in rad/s are "gyro (rad/s)", of "x" and "y".
function panelsOf(card) {
  const found = new Map();
  const sensor = (name) => name.replace(/[ _-]?([xyz]|\d+)$/i, "");
  const few = new Set(card.channels.map((name, index) => sensor(name) + card.units[index])).size <= PANELS;
  card.channels.forEach((name, index) => {
    const base = few ? sensor(name) : "";
    const title = `${base.replaceAll("_", " ")} (${card.units[index]})`.trim();
    if (!found.has(title)) found.set(title, []);
    found.get(title).push([index, name.slice(base.length).replace(/^[ _-]/, "")]);
  });
  return [...found];
}

function watch() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/v1/watch`, token ? ["kerashar", token] : ["kerashar"]);
  socket.onopen = () => link("live", "live");
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => {
    link("gone", "connection lost, trying again");
    setTimeout(start, 2000);
  };
}

function take(message) {
  const known = streams.get(message.stream);
  const stream = known ?? { name: message.name || `Stream ${message.stream}`, points: [], said: [], last: null };
  if (message.ended) {
    streams.delete(message.stream);
    if (chosen === message.stream) at("name").textContent = `${stream.name}, ended`;
    showChoice();
    return;
  }
  const first = message.seconds - message.samples.length * message.step;
  message.samples.forEach((values, index) => stream.points.push([first + (index + 1) * message.step, values]));
  if (message.label !== null) {
    const before = stream.said.at(-1);
    if (before?.[2] === message.label) before[1] = message.seconds;
    else stream.said.push([before ? before[1] : first, message.seconds, message.label]);
  }
  const oldest = message.seconds - SECONDS;
  stream.points = stream.points.filter(([time]) => time > oldest);
  stream.said = stream.said.filter(([, to]) => to > oldest);
  stream.last = message;
  streams.set(message.stream, stream);
  if (!streams.has(chosen)) chosen = message.stream;
  if (!known) showChoice();
  if (chosen === message.stream) show(stream);
}

function showChoice() {
  at("streams").hidden = streams.size < 2;
  at("streams").replaceChildren();
  for (const [number, stream] of streams) {
    const button = put(at("streams"), "button", stream.name);
    button.setAttribute("aria-pressed", String(number === chosen));
    button.onclick = () => {
      chosen = number;
      showChoice();
      show(stream);
    };
  }
}

function show(stream) {
  const { label, confidence, top, seconds } = stream.last;
  at("name").textContent = `${stream.name} · ${seconds.toFixed(1)} s`;
  at("activity").classList.toggle("idle", label === null);
  at("activity").textContent = label === null ? "Collecting the first window" : words(label);
  at("confidence").textContent = label === null ? "" : `${percent(confidence)} confident`;
  // Read out once per change, not with each chunk.
  if (label !== null && at("said").dataset.label !== label) {
    at("said").dataset.label = label;
    at("said").textContent = `${words(label)}, ${percent(confidence)} confident`;
  }
  at("likely").hidden = !top;
  const list = at("likely").firstElementChild;
  list.replaceChildren();
  for (const [name, share] of Object.entries(top ?? {}).slice(0, SHOWN)) {
    const row = put(list, "li", "");
    put(row, "span", words(name));
    put(row, "b", percent(share));
    const bar = put(row, "progress", "");
    bar.value = share;
    bar.setAttribute("aria-label", words(name));
  }
  redraw();
}

function redraw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

// A panel for each sensor, and below them a band of what was said.
function draw() {
  const canvas = at("signal");
  const stream = streams.get(chosen);
  const [panel, head, band, axis, left] = [panels.length > 2 ? 92 : 130, 26, 28, 20, 44];
  const width = canvas.clientWidth;
  const height = panels.length * (panel + head) + 8 + band + axis;
  const scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  pen.lineJoin = "round";
  const now = stream?.last.seconds ?? 0;
  const x = (time) => left + ((time - now + SECONDS) / SECONDS) * (width - left);

  panels.forEach(([title, members], row) => {
    const top = row * (panel + head) + head;
    let end = write(pen, title, left, top - 9, colour("quiet")) + 4;
    members.forEach(([, name], place) => {
      end = write(pen, name, end + 8, top - 9, colour(`c${place % COLOURS}`));
    });
    pen.strokeStyle = colour("line");
    pen.lineWidth = 1;
    if (!stream) {
      line(pen, [[left, top + panel / 2], [width, top + panel / 2]]);
      return;
    }
    const [low, high] = range(stream.points.flatMap(([, point]) => members.map(([index]) => point[index])));
    const y = (value) => top + 4 + (1 - (value - low) / (high - low)) * (panel - 8);
    pen.textAlign = "right";
    for (const value of ticks(low, high)) {
      line(pen, [[left, y(value)], [width, y(value)]]);
      write(pen, Number(value.toPrecision(3)), left - 8, y(value) + 4, colour("quiet"));
    }
    pen.textAlign = "left";
    pen.lineWidth = 1.6;
    members.forEach(([index], place) => {
      pen.strokeStyle = colour(`c${place % COLOURS}`);
      line(pen, stream.points.map(([time, point]) => [x(time), y(point[index])]));
    });
  });

  const top = panels.length * (panel + head) + 8;
  round(pen, left, top, width - left, band, colour("ground"));
  stream?.said.forEach(([from, to, label], place, all) => {
    const start = Math.max(left, x(from) + 1);
    const end = x(to) - 1;
    if (end <= start) return;
    const current = place === all.length - 1;
    round(pen, start, top, end - start, band, colour(current ? "accent" : "line"));
    const fits = pen.measureText(words(label)).width < end - start - 14;
    if (fits) write(pen, words(label), start + 8, top + band / 2 + 4, colour(current ? "card" : "ink"));
  });
  for (let back = SECONDS; back >= 0; back -= SECONDS / 2) {
    pen.textAlign = back === SECONDS ? "left" : back ? "center" : "right";
    write(pen, back ? `${back} s ago` : "now", x(now - back), top + band + 16, colour("quiet"));
  }
}

function range(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!(high > low)) return [(values[0] ?? 0) - 1, (values[0] ?? 0) + 1];
  return [low, high];
}

// Three or four round numbers between two.
function ticks(low, high) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push(value);
  return found;
}

function line(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

// Gives where the text ends.
function write(pen, text, x, y, colour) {
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
  return x + pen.measureText(text).width;
}

function round(pen, x, y, width, height, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.roundRect(x, y, width, height, 5);
  pen.fill();
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  token = at("token").value.trim();
  start();
});
window.addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
start().then(redraw);
