// While the run lasts its newest state takes the place of the one shown.
(() => {
  const over = ['finished', 'stopped', 'failed'];
  const refresh = async () => {
    const shown = document.getElementById('elapid-training');
    if (over.includes(shown.dataset.state)) return;
    try {
      const answer = await fetch(location.href, {cache: 'no-store'});
      const newer = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('elapid-training');
      if (newer) {
        const open = shown.querySelector('details')?.open;
        shown.replaceWith(newer);
        const details = newer.querySelector('details');
        if (open && details) details.open = true;
        newer.querySelectorAll('.chart').forEach(elapidHover);
      }
    } catch (e) {
      // the application has ended: what is shown is the last that it said
    }
    setTimeout(refresh, 5000);
  };
  setTimeout(refresh, 5000);
})();
