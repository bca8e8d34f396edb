// Prints what gcoord makes of a few hundred points, read as each system and turned into each other one.
// gcoord is taken from the folder this is run in: see README.md.
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const gcoord = require("gcoord");
const { version } = require("gcoord/package.json");
const systems = { wgs84: gcoord.WGS84, gcj02: gcoord.GCJ02, bd09: gcoord.BD09 };

let state = 20260429;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
const within = (west, south, east, north) => [
  Number((west + random() * (east - west)).toFixed(6)),
  Number((south + random() * (north - south)).toFixed(6)),
];

const points = [
  [113.8712, 22.5741],
  [113.866, 22.578],
  [116.397451, 39.909221],
  // around the edge of the box in which GCJ-02 is shifted, on both sides
  [72.0, 35.0], [72.1, 35.0], [137.8, 35.0], [137.84, 35.0],
  [105.0, 0.82], [105.0, 0.9], [105.0, 55.8], [105.0, 55.83],
  // the rest of the world
  [0.0, 51.4778], [-74.0, 40.7], [151.2, -33.9], [-179.9, 10.0], [179.9, -10.0], [2.35, 48.85],
];
for (let i = 0; i < 80; i++) points.push(within(113.835, 22.545, 113.925, 22.615));
for (let i = 0; i < 180; i++) points.push(within(73.5, 3.9, 135.0, 53.5));
for (let i = 0; i < 30; i++) points.push(within(-170.0, -80.0, 60.0, 80.0));

const converted = (point, from, to) =>
  gcoord.transform(point, systems[from], systems[to]).map((degrees) => Number(degrees.toFixed(10)));
const lines = [];
for (const point of points)
  for (const from of Object.keys(systems))
    for (const to of Object.keys(systems))
      if (from !== to) lines.push(JSON.stringify({ from, to, point, result: converted(point, from, to) }));

console.log(`{"oracle": "gcoord ${version}", "vectors": [\n${lines.join(",\n")}\n]}`);
