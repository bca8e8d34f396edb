// The phones of the simulation. Texts are shown by textContent only; links in them open in a new window.

const WORDS = {
  zh: {
    skip: "跳到手机列表", ribbon: "这里没有真人,也不发真短信", title: "模拟手机", find: "号码", open: "打开手机",
    empty: "还没有短信。派单一发出,收到短信的手机就出现在这里。", send: "发送", reply: "回短信,号码",
    quick: "快捷回复,号码", live: "实时", lost: "与话务台断开,正在重连…", arrived: "新短信:",
    noPhone: "号码要写成 +8613800000001 这样", off: "手机已关机", failed: "没发出去", waiting: "服务未应答,重试中",
    segments: "条", thread: "短信,号码",
    acts: ["", "接单", "不能去", "到了", "劝住了", "没找到", "快止付", "要帮忙", "上岗", "离岗"],
    status: { accepted: "已受理", queued: "排队", sent: "已发", delivered: "已送达", undelivered: "未送达", failed: "发送失败", received: "已发出" },
  },
  en: {
    skip: "Skip to the phones", ribbon: "No real people here, no real texts", title: "Simulated phones", find: "Number",
    open: "Open phone", empty: "No texts yet. A phone appears here as soon as it is written to.", send: "Send",
    reply: "Reply from", quick: "Quick replies from", live: "Live", lost: "Connection lost, trying again…",
    arrived: "New text:", noPhone: "Write the number like +8613800000001", off: "The phone is off",
    failed: "Not sent", waiting: "The service does not answer, trying again", segments: "segments", thread: "Texts of",
    acts: ["", "accept", "decline", "arrived", "met", "not found", "stop card", "help", "on duty", "off duty"],
    status: { accepted: "accepted", queued: "queued", sent: "sent", delivered: "delivered", undelivered: "undelivered", failed: "failed", received: "sent off" },
  },
};
const MOST_TEXTS = 60;
const MOST_PHONES = 200;
const LINK = /https?:\/\/[^\s"'<>()【】,。;、]+/g;

const grid = document.getElementById("phones");
const state = document.getElementById("state");
const template = document.getElementById("card");
const phones = new Map();
let language = recall() === "en" ? "en" : "zh";
let book = { epoch: "", version: 0 };

function recall() {
  try { return localStorage.getItem("language"); } catch { return null; }
}

function remember(value) {
  try { localStorage.setItem("language", value); } catch { /* a private window keeps nothing */ }
}

function say(key) { return WORDS[language][key]; }

function speak() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  const other = document.getElementById("language");
  other.textContent = language === "zh" ? "English" : "中文";
  other.lang = language === "zh" ? "en" : "zh-CN";
  other.setAttribute("aria-label", language === "zh" ? "Switch to English" : "切换到中文");
  for (const phone of phones.values()) { label(phone); phone.texts.forEach((entry) => showText(phone, entry)); }
}

function label(phone) {
  const { card, number } = phone;
  card.querySelector(".line label").textContent = `${say("reply")} ${number}`;
  card.querySelector(".line button").textContent = say("send");
  card.querySelector(".quick").setAttribute("aria-label", `${say("quick")} ${number}`);
  card.querySelector(".thread").setAttribute("aria-label", `${say("thread")} ${number}`);
  card.querySelectorAll(".quick button").forEach((button, index) => {
    const digit = index + 1;
    const reply = digit < 8 ? `${digit}${phone.code}` : `${digit}`;
    const big = document.createElement("b");
    big.textContent = digit;
    button.replaceChildren(big, " ", say("acts")[digit]);
    button.dataset.reply = reply;
    button.disabled = digit < 8 && !phone.code;
    button.setAttribute("aria-label", `${digit} ${say("acts")[digit]}: ${reply}`);
  });
}

function phoneOf(number) {
  if (phones.has(number)) return phones.get(number);
  const card = template.content.firstElementChild.cloneNode(true);
  const phone = { number, card, texts: new Map(), items: new Map(), code: "", latest: 0 };
  const field = card.querySelector("input");
  field.id = `reply-${number}`;
  card.querySelector(".line label").htmlFor = field.id;
  card.querySelector("h2").textContent = number;
  card.querySelector("h2").id = `phone-${number}`;
  card.setAttribute("aria-labelledby", `phone-${number}`);
  for (let digit = 1; digit <= 9; digit += 1) {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => send(phone, button.dataset.reply));
    card.querySelector(".quick").append(button);
  }
  card.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send(phone, field.value)) field.value = "";
  });
  phones.set(number, phone);
  label(phone);
  grid.prepend(card);
  return phone;
}

async function send(phone, body) {
  const trouble = phone.card.querySelector(".trouble");
  trouble.textContent = "";
  try {
    const answer = await fetch(`/control/handsets/${encodeURIComponent(phone.number)}/send`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ body }),
    });
    if (!answer.ok) trouble.textContent = answer.status === 409 ? say("off") : `${say("failed")} (${answer.status})`;
    return answer.ok;
  } catch {
    trouble.textContent = say("failed");
    return false;
  }
}

function showBody(paragraph, body) {
  let end = 0;
  paragraph.replaceChildren();
  for (const found of body.matchAll(LINK)) {
    paragraph.append(body.slice(end, found.index));
    const link = document.createElement("a");
    link.href = found[0];
    link.textContent = found[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    paragraph.append(link);
    end = found.index + found[0].length;
  }
  paragraph.append(body.slice(end));
}

function showText(phone, entry) {
  const item = phone.items.get(entry.seq);
  const lost = ["undelivered", "failed"].includes(entry.status);
  item.className = entry.direction === "inbound" ? "mine" : "";
  item.classList.toggle("lost", lost || (entry.direction === "inbound" && entry.webhook === 0));
  const time = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { hour12: false });
  const parts = [time, say("status")[entry.status] ?? entry.status];
  if (entry.error_code) parts.push(entry.error_code);
  if (entry.direction !== "inbound") parts.push(`${entry.segments} ${say("segments")}`);
  if (entry.direction === "inbound" && (entry.webhook === 0 || entry.webhook >= 500)) parts.push(say("waiting"));
  item.querySelector("small").textContent = parts.join(" · ");
}

function take(entry) {
  const phone = phoneOf(entry.phone);
  const known = phone.items.has(entry.seq);
  phone.texts.set(entry.seq, entry);
  if (!known) {
    const item = document.createElement("li");
    item.append(document.createElement("p"), document.createElement("small"));
    showBody(item.querySelector("p"), entry.body);
    phone.items.set(entry.seq, item);
    phone.card.querySelector(".thread").prepend(item);
    phone.latest = Math.max(phone.latest, entry.seq);
    forgetOldest(phone);
  }
  if (phone.items.has(entry.seq)) showText(phone, entry);
  if (entry.code && entry.received_at && entry.code !== phone.code) { phone.code = entry.code; label(phone); }
  return !known && entry.direction !== "inbound";
}

function forgetOldest(phone) {
  while (phone.items.size > MOST_TEXTS) {
    const oldest = Math.min(...phone.items.keys());
    phone.items.get(oldest).remove();
    phone.items.delete(oldest);
    phone.texts.delete(oldest);
  }
}

// Cards change places only while nobody is working in one of them.
function arrange() {
  const order = [...phones.values()].sort((a, b) => b.latest - a.latest);
  for (const phone of order.slice(MOST_PHONES)) {
    phone.card.remove();
    phones.delete(phone.number);
  }
  document.getElementById("empty").hidden = phones.size > 0;
  if (grid.contains(document.activeElement) && document.activeElement !== grid) return;
  order.slice(0, MOST_PHONES).forEach((phone, index) => {
    if (grid.children[index] !== phone.card) grid.insertBefore(phone.card, grid.children[index] ?? null);
  });
}

function startAnew() {
  phones.clear();
  grid.replaceChildren();
}

function tell(text, lost = false) {
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("lost", lost);
}

async function look() {
  const query = new URLSearchParams({ epoch: book.epoch, after: book.version, wait: book.epoch ? 20 : 0 });
  const answer = await fetch(`/control/ledger?${query}`);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const news = await answer.json();
  if (news.epoch !== book.epoch && book.epoch) startAnew();
  const fresh = news.entries.filter(take).map((entry) => entry.phone);
  book = { epoch: news.epoch, version: news.version };
  arrange();
  tell(fresh.length ? `${say("live")} · ${say("arrived")} ${fresh.at(-1)}` : state.classList.contains("lost") || !state.textContent ? say("live") : state.textContent);
}

async function follow() {
  for (;;) {
    try {
      await look();
    } catch {
      tell(say("lost"), true);
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

document.getElementById("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  remember(language);
  speak();
  tell(say("live"), state.classList.contains("lost"));
});
document.getElementById("new").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("find");
  const number = field.value.replace(/[\s().-]/g, "");
  if (!/^\+[1-9]\d{6,14}$/.test(number)) { tell(say("noPhone"), true); return; }
  const phone = phoneOf(number);
  document.getElementById("empty").hidden = true;
  phone.card.scrollIntoView({ block: "center" });
  phone.card.querySelector("input").focus();
  field.value = "";
});
speak();
follow();
