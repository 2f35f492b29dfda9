variable "name" {
  description = "Name of the request; every object is called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$", var.name))
    error_message = "The name must be a DNS label of at most 40 characters that starts with a letter."
  }
}

variable "namespace" {
  description = "Namespace of the request; the database runs there."
  type        = string
}

variable "request_uid" {
  description = "Unique id of the request, for the labels."
  type        = string
}

variable "image" {
  description = "Image of the database server: the official one, or one with the same entry point."
  type        = string
}

variable "size" {
  description = "Size of the server: small, medium or large."
  type        = string

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "The size must be small, medium or large."
  }
}

variable "storage_gib" {
  description = "Size of the volume in GiB. It can grow later, never shrink."
  type        = number
}

variable "database" {
  description = "Name of the database that is made at the first start."
  type        = string
}

variable "password" {
  description = "Password of the owner of the database, made by the platform."
  type        = string
  sensitive   = true
}
