/** The branch's map while the robot leads somebody: places, the way, and where it is. */
import type { BranchMap as Branch } from "./state";
import { words } from "./wording";

export function BranchMap({ map }: { map: Branch }) {
  const target = map.places.find((place) => place.id === map.robot.target);
  return (
    <section className="map">
      <h2>{target ? words.walking(target.name) : ""}</h2>
      <svg viewBox={`-1 -1 ${map.width + 2} ${map.height + 2}`} role="img" aria-label="网点地图">
        <rect className="map-floor" x="0" y="0" width={map.width} height={map.height} rx="0.4" />
        {target && <line className="map-way" x1={map.robot.x} y1={map.robot.y} x2={target.x} y2={target.y} />}
        {map.places.map((place) => (
          <g key={place.id} className={place.id === target?.id ? "map-place map-target" : "map-place"}>
            <circle cx={place.x} cy={place.y} r="0.28" />
            <text x={place.x} y={place.y + 0.95}>
              {place.name}
            </text>
          </g>
        ))}
        <circle className="map-robot" cx={map.robot.x} cy={map.robot.y} r="0.45" />
      </svg>
    </section>
  );
}
