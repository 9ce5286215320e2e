// A dossier that is open shows what is new by itself. Without this file it is shown when the page is
// loaded anew. Nothing is asked while the page is hidden, or where data is to be saved.
"use strict";
(() => {
	const PAUSE = 1000, LONGEST = 60000;
	const told = document.getElementById("news");
	const saves = navigator.connection && navigator.connection.saveData;
	if (!told || saves) return;
	let pause = PAUSE, timer = 0;

	const file = () => document.getElementById("file");
	const typing = () => file().contains(document.activeElement) &&
		document.activeElement.matches("input, textarea, select, button");

	async function show() {
		const answer = await fetch(location.href, { cache: "no-store" });
		if (!answer.ok || answer.redirected) throw new Error("no page");
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		const fresh = page.getElementById("file");
		if (!fresh) throw new Error("no dossier");
		for (const each of file().querySelectorAll("li[id] details[open]")) {
			const item = fresh.querySelector("#" + CSS.escape(each.closest("li[id]").id) + " details");
			if (item) item.open = true;
		}
		file().replaceWith(document.adoptNode(fresh));
		told.textContent = "";
		told.textContent = told.dataset.said;
	}

	async function ask() {
		try {
			const since = file().dataset.n;
			const answer = await fetch(told.dataset.news + "?since=" + since, { cache: "no-store" });
			if (answer.redirected || answer.status === 404) return;
			if (answer.status === 200 && !typing()) await show();
			pause = answer.ok ? PAUSE : Math.min(2 * pause, LONGEST);
		} catch {
			pause = Math.min(2 * pause, LONGEST);
		}
		wait();
	}

	function wait() {
		clearTimeout(timer);
		if (!document.hidden) timer = setTimeout(ask, pause);
	}

	document.addEventListener("visibilitychange", () => { pause = PAUSE; wait(); });
	wait();
})();
