/// Version 2 of the schema: what was added to version 1, one string for each topic.
enum Schema2 {}
