/// Version 5 of the schema: what was added to version 4, one string for each topic.
enum Schema5 {}
