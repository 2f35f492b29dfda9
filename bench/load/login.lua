-- POST of e-mail address and password.
local common = require("common")
local callers = {}

function init(args)
  callers = common.callers(args[1])
end

function request()
  local body = string.format('{"email":"%s","password":"%s"}', common.pick(callers).email, "correct horse battery")
  return wrk.format("POST", "/api/v1/auth/login", { ["Content-Type"] = "application/json" }, body)
end

done = common.done
