/// Version 3 of the schema: what was added to version 2, one string for each topic.
enum Schema3 {}
