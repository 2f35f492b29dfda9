# A state of more than 20 MiB that hardly compresses: 10 MiB of hashes, as input and as output.
variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "large" {
  count = 6
  input = join("", [
    for row in range(1024) : join("", [for column in range(20) : base64sha512("${count.index}/${row}/${column}")])
  ])
}
