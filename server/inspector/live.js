// The network of the live page; a file has none.
"use strict";
