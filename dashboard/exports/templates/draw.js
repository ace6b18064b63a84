(async () => {
  const packed = document.getElementById("chart-script").textContent;
  const bytes = Uint8Array.from(atob(packed.trim()), (sign) => sign.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);

  const config = { displayModeBar: false, scrollZoom: false, responsive: true, showLink: false };
  const draw = (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    const { data, layout } = JSON.parse(place.nextElementSibling.textContent);
    Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true });
    layout.font = { family: "system-ui, sans-serif", ...layout.font };
    Plotly.newPlot(place, data, layout, config);
  };
  const places = document.querySelectorAll(".chart");
  const near = new IntersectionObserver(
    (seen) => seen.filter((one) => one.isIntersecting).forEach((one) => draw(one.target)),
    { rootMargin: "800px" },
  );
  places.forEach((place) => near.observe(place));

  addEventListener("beforeprint", () => places.forEach(draw));
  document.documentElement.dataset.charts = "ready";
})().catch(() => {
  document.documentElement.dataset.charts = "none";
});
