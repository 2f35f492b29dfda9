-- How Argo CD shows a ResourceRequest. What waits for a person is Suspended, so that a sync does not
-- wait for it; what a person has to mend is Degraded.

-- Reasons that wait for an approval, or for somebody to end a pause.
local waits = {
  AwaitingApproval = true,
  ApprovalOutdated = true,
  ApprovalExpired = true,
}

local function say(status, message)
  return { status = status, message = message or "" }
end

local function find(name)
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == name then
      return condition
    end
  end
  return { status = "Unknown", reason = "", message = "" }
end

local function fails(reason)
  return string.find(reason, "Failed$") ~= nil or string.find(reason, "^Credentials") ~= nil
end

local isSeen = obj.status ~= nil and obj.status.conditions ~= nil and obj.status.observedGeneration == obj.metadata.generation

-- Where the class says so, a deletion waits for an approval.
if obj.metadata.deletionTimestamp ~= nil then
  local ready = isSeen and find("Ready") or {}
  if waits[ready.reason] then
    return say("Suspended", ready.message)
  end
  return say("Progressing", "What was made is being taken away.")
end

local annotations = obj.metadata.annotations or {}
if annotations["quartermaster.dev/decision"] ~= nil then
  return say("Degraded", annotations["quartermaster.dev/decision"])
end

if not isSeen then
  return say("Progressing", "The operator has not looked at it yet.")
end

local ready, approved, stalled = find("Ready"), find("Approved"), find("Stalled")

if stalled.status == "True" then
  return say("Degraded", stalled.message)
end
if ready.reason == "Paused" then
  return say("Suspended", ready.message)
end
-- What was approved before goes on while a change of it waits.
if ready.status == "True" then
  if approved.reason == "AwaitingApproval" or approved.reason == "ApprovalOutdated" then
    return say("Suspended", approved.message)
  end
  return say("Healthy", ready.message)
end
if waits[ready.reason] then
  return say("Suspended", ready.message)
end
if ready.reason == "ApprovalInvalid" or fails(ready.reason) then
  return say("Degraded", ready.message)
end
return say("Progressing", ready.message)
