# Needs no provider, no network and no rights: what a run costs without the infrastructure.

variable "name" {
  type = string
}

variable "text" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
}

# Longer than nothing where a test needs a run that can be caught in the middle.
variable "seconds" {
  type = number
}

# A run that fails on purpose, at apply and not before.
variable "fail" {
  type = bool
}

resource "terraform_data" "thing" {
  input = { name = var.name, text = var.text }
}

resource "terraform_data" "pause" {
  count            = var.seconds > 0 ? 1 : 0
  triggers_replace = [terraform_data.thing.output.text]

  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "setTimeout(() => undefined, ${var.seconds} * 1000)"
  }
}

resource "terraform_data" "failure" {
  count            = var.fail ? 1 : 0
  triggers_replace = [terraform_data.thing.output.text]

  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "process.stderr.write('this failure is on purpose\\n'); process.exit(1)"
  }
}

output "id" {
  value = terraform_data.thing.id
}

output "text" {
  value = terraform_data.thing.output.text
}

output "password" {
  value     = var.password
  sensitive = true
}
