-- POST of a new request; every name is new.
local common = require("common")
local callers = {}
local prefix = ""
local count = 0

function init(args)
  callers = common.callers(args[1])
  prefix = "c" .. os.time() .. "-"
end

function request()
  count = count + 1
  local caller = common.pick(callers)
  local body = string.format(
    '{"project_id":"%s","class_name":"trivial","name":"%s%d","parameters":{"text":"hello"}}',
    caller.project, prefix, count)
  return wrk.format("POST", "/api/v1/resource-requests", common.headers(caller), body)
end

done = common.done
