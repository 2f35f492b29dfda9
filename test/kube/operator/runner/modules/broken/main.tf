# No engine can read this: the block is never closed.
variable "password" {
  type = string
