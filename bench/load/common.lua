-- What all the loads share: the callers, and a report that a program can read.
local common = {}

-- Reads "email <tab> token <tab> project <tab> request,request,..." lines.
function common.callers(path)
  local callers = {}
  for line in io.lines(path) do
    local email, token, project, ids = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
    local requests = {}
    for id in ids:gmatch("[^,]+") do requests[#requests + 1] = id end
    callers[#callers + 1] = { email = email, token = token, project = project, requests = requests }
  end
  math.randomseed(os.time())
  return callers
end

function common.pick(list)
  return list[math.random(#list)]
end

function common.headers(caller)
  return { ["Authorization"] = "Bearer " .. caller.token, ["Content-Type"] = "application/json" }
end

-- One line of JSON; latencies in milliseconds.
function common.done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.3f,"failed":%d,"p50":%.3f,"p99":%.3f,"max":%.3f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end

return common
