-- GET of the newest fifty requests.
local common = require("common")
local callers = {}

function init(args)
  callers = common.callers(args[1])
end

function request()
  local caller = common.pick(callers)
  return wrk.format("GET", "/api/v1/resource-requests?limit=50", common.headers(caller))
end

done = common.done
