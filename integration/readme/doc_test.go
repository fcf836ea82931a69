// Package readme holds the documents to what is true: every command in README.md and docs/*.md is
// run, or checked as a table here says, and the numbers, messages, properties, paths and links in
// them are compared with the code.
//
// A command line is in exactly one of the tables in tables_test.go. A new one without an entry fails the test.
package readme
