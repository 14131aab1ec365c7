<?xml version="1.0"?>
<CHANNEL HREF="http://quay.example/" LASTMOD="1998-11-05T10:00">
  <TITLE>Quay Watch</TITLE>
  <ITEM HREF="http://quay.example/tide.html" LASTMOD="1998-11-05T09:30">
    <TITLE>Spring tide expected</TITLE>
    <ABSTRACT>Boats should be moved by Friday.</ABSTRACT>
  </ITEM>
</CHANNEL>
