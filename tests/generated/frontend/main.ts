// What a frontend does with the service: this week's fixtures, a prediction, and a problem that is told apart.
// Its types: `npm run types -- http://localhost:8000/schema/openapi.json`.
import createClient from "openapi-fetch";
import type { components, paths } from "./sabiscore.js";

type Prediction = components["schemas"]["Prediction"];

const service = createClient<paths>({ baseUrl: address() });

function address(): string {
  const { process } = globalThis as unknown as { process: { argv: string[] } };
  return process.argv[2] ?? "http://localhost:8000";
}

function percents(said: Prediction): string {
  const shares: number[] = [said.home_win_prob, said.draw_prob, said.away_win_prob];
  return shares.map((share) => `${(100 * share).toFixed(1)} %`).join(" / ");
}

function tone(said: Prediction): string {
  const tones: Record<Prediction["confidence"], string> = { low: "grey", medium: "blue", high: "green" };
  return tones[said.confidence];
}

async function predict(away_team: string): Promise<string> {
  const { data, error } = await service.POST("/api/v1/predict", {
    params: { query: { detail: "full" } },
    body: {
      home_team: "Arsenal",
      away_team,
      league: "Premier League",
      kickoff_time: "2025-08-30T16:30:00Z",
      odds: { home: 1.8, draw: 3.7, away: 4.6 },
    },
  });
  if (error) return `${error.type}: ${error.closest?.join(", ") ?? error.detail}`;
  const worth = data.value?.outcomes.find(({ outcome }) => outcome === "home")?.expected_value;
  return `${data.fixture.home_team}: ${percents(data)}, ${tone(data)}, ${worth?.toFixed(3) ?? "no odds"}`;
}

async function listed(): Promise<string[]> {
  const { data, error } = await service.GET("/api/v1/fixtures", {
    params: { query: { league: "premier-league", limit: 5 } },
  });
  if (error) throw new Error(error.title);
  return data.fixtures.map(({ home, away, kickoff_time }) => `${home.name} - ${away.name}, ${kickoff_time}`);
}

async function first(): Promise<string> {
  const { data } = await service.GET("/api/v1/leagues/{league}/table", {
    params: { path: { league: "premier-league" }, query: { on: "2025-01-01" } },
  });
  const leader = data?.rows[0];
  return leader ? `${leader.team.name}, ${leader.points} points` : "nobody";
}

async function mistaken(): Promise<void> {
  // @ts-expect-error: no such route
  await service.GET("/api/v1/predictions");
  // @ts-expect-error: no such parameter
  await service.GET("/api/v1/fixtures", { params: { query: { club: "Arsenal" } } });
  // @ts-expect-error: no such detail
  await service.POST("/api/v1/predict", { params: { query: { detail: "more" } }, body: undefined });
}

if (address() === "") await mistaken();
console.log([...(await listed()), await first(), await predict("Chelsea"), await predict("Chels")].join("\n"));
