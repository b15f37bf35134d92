"""Reads a JUnit report as XML and prints, for each suite, what it says of itself and what it has."""
import sys
import xml.etree.ElementTree

for suite in xml.etree.ElementTree.parse(sys.argv[1]).getroot():
    cases = suite.findall("testcase")
    print(suite.get("name"))
    for what, has in (("tests", len(cases)), ("failures", len(suite.findall("testcase/failure"))),
                      ("errors", len(suite.findall("testcase/error"))),
                      ("skipped", len(suite.findall("testcase/skipped")))):
        print(what, suite.get(what), has)
    for case in cases:
        print(case.get("classname"), case.get("name"), *(part.tag for part in case))
