/// Version 4 of the schema: what was added to version 3, one string for each topic.
enum Schema4 {}
