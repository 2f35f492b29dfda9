# Takes memory until the kernel says no.
variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "hungry" {
  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "const held = []; for (;;) held.push(Buffer.alloc(16 * 1024 * 1024, 1))"
  }
}
