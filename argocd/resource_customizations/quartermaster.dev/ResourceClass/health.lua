-- How Argo CD shows a ResourceClass: an invalid one cannot be requested.
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Ready" and condition.observedGeneration == obj.metadata.generation then
      if condition.status == "True" then
        return { status = "Healthy", message = condition.message or "" }
      end
      if condition.status == "False" then
        return { status = "Degraded", message = condition.message or "" }
      end
    end
  end
end
return { status = "Progressing", message = "The operator has not looked at it yet." }
