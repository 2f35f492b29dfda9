-- GET of one request by its id.
local common = require("common")
local callers = {}

function init(args)
  callers = common.callers(args[1])
end

function request()
  local caller = common.pick(callers)
  local path = "/api/v1/resource-requests/" .. common.pick(caller.requests)
  return wrk.format("GET", path, common.headers(caller))
end

done = common.done
