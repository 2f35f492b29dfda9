# A module that prints the secret it was given, as careless modules do.

variable "password" {
  type = string
}

resource "terraform_data" "leak" {
  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "console.log('wrong password: ${nonsensitive(var.password)}'); process.exit(1)"
  }
}
