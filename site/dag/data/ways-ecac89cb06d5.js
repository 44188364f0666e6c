(window.fftData??={})["ways"]=JSON.parse('{"items":[],"runs":[]}');
