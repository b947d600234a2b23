-- Sends the lines of a file, one after another, and says as JSON what came of it.
--   wrk -s requests.lua URL -- FILE FIRST CYCLE LINES
-- FIRST is how many lines to leave out; CYCLE ("yes", "no") whether to begin again after the last; LINES what a
-- line is: the JSON "BODY" of a POST, the "QUERY" of a GET, or its whole "ADDRESS".

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  bodies = {}
  for line in io.lines(arguments[1]) do
    bodies[#bodies + 1] = line
  end
  sent = tonumber(arguments[2])
  cycle = arguments[3] == "yes"
  ran_out = false
  get = arguments[4] ~= "BODY"
  before = arguments[4] == "ADDRESS" and "GET " or "GET " .. wrk.path .. "?"
  after = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n\r\n"
  head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"]
    .. "\r\nContent-Type: application/json\r\nContent-Length: "
end

function request()
  local body = bodies[sent + 1]
  if body == nil then
    ran_out = not cycle
    sent = 0
    body = bodies[1]
  end
  sent = sent + 1
  if get then
    return before .. body .. after
  end
  return head .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"p50":%f,"p95":%f,"p99":%f,"sent":%d,"ran_out":%s,'
      .. '"refused":%d,"broken":%d,"late":%d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    threads[1]:get("sent"), tostring(threads[1]:get("ran_out")),
    errors.status, errors.connect + errors.read + errors.write, errors.timeout
  ))
end
