"""Tables, generators and features: everything before the first layer."""
